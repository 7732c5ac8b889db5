import { useCallback, useEffect } from 'react'
import { takeApart } from '../state/page.ts'
import { apartAtPlace } from '../state/place.ts'
import { texts } from '../texts.ts'
import styles from './panel.module.css'
import { useAnswer, usePage, useSurroundings } from './use-desk.ts'

/** How often it is asked what the instances say, and who they are. */
const flowsEveryMs = 1000
const instancesEveryMs = 5000

/** At the place of a service's instances asks what each of them says, and says so when it is not known. */
export function ApartFeed() {
  const service = usePage(page => apartAtPlace(page.view.at))
  return service === undefined ? null : <Feed key={service} service={service} />
}

function Feed({ service }: { service: string }) {
  const { api, store } = useSurroundings().desk
  const askFlows = useCallback((id: string, signal: AbortSignal) => api.flows(id, signal), [api])
  const askService = useCallback(
    (id: string, signal: AbortSignal) => api.service(id, signal),
    [api],
  )
  const { value: told, error } = useAnswer(service, askFlows, flowsEveryMs)
  const { value: detail } = useAnswer(service, askService, instancesEveryMs)
  const instances = detail?.instances
  useEffect(() => {
    if (told && instances) store.feed(page => takeApart(page, { service, instances, ...told }))
  }, [store, service, told, instances])
  if (!error) return null
  return (
    <p className={styles.error} role="status">
      {texts.place.unknownInstances(error)}
    </p>
  )
}
