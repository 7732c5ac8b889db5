/** What the files of a spool may weigh together, unless told otherwise. */
export const spoolBytesMax = 128 * 1024 * 1024
