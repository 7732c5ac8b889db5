"""Has a dialogue with memcached and prints what it was, a transaction a line: see memcached.sh.

    python3 memcached.py HOST PORT [udp|binary] < DIALOGUE

A line of the dialogue is one command, and how it must be answered (a regular expression; none: not at all):

    COMMAND | REPLY | RESOURCE | STATUS | OUTCOME

Lines up to an empty one are said at once. Backslashes are Python's, `@9` is nine letters. A binary command is written
`NAME OPCODE OPAQUE [k=KEY] [x=EXTRAS in hexadecimal] [v=VALUE]`, its reply `STATUS in hexadecimal [VALUE]`.
"""

import re
import socket
import struct
import sys

host, port, *kind = sys.argv[1:]
is_udp = 'udp' in kind
is_binary = 'binary' in kind
connection = socket.socket(
    socket.AF_INET6 if ':' in host else socket.AF_INET,
    socket.SOCK_DGRAM if is_udp else socket.SOCK_STREAM,
)
connection.connect((host, int(port)))
connection.settimeout(5)
buffer = b''
request_id = 0


def unescape(text):
    text = re.sub(r'@(\d+)', lambda found: 'x' * int(found[1]), text)
    return text.encode().decode('unicode_escape').encode('latin1')


def binary(words):
    _, opcode, opaque, *parts = words.split()
    part = dict(one.split('=', 1) for one in parts)
    key = unescape(part.get('k', ''))
    extras = bytes.fromhex(part.get('x', ''))
    value = unescape(part.get('v', ''))
    length = len(extras) + len(key) + len(value)
    head = struct.pack(
        '!BBHBBHIIQ', 0x80, int(opcode, 16), len(key), len(extras), 0, 0, length, int(opaque), 0
    )
    return head + extras + key + value


def more():
    global buffer
    got = connection.recv(65536)
    if is_udp:
        _, sequence, count, _ = struct.unpack('!HHHH', got[:8])
        got = got[8:]
        assert sequence < count
    elif not got:
        raise SystemExit(f'the server went away; left: {buffer!r}')
    buffer += got


def answered(reply):
    """Takes the reply from what came, or stops."""
    global buffer
    if is_binary:
        while len(buffer) < 24 or len(buffer) < 24 + struct.unpack('!I', buffer[8:12])[0]:
            more()
        length = 24 + struct.unpack('!I', buffer[8:12])[0]
        got, buffer = buffer[:length], buffer[length:]
        text = f'{struct.unpack("!H", got[6:8])[0]:04x} '.encode() + got[24:]
        if not re.match(reply.encode(), text):
            raise SystemExit(f'expected {reply}, got {text!r}')
        return
    pattern = re.compile(reply.replace(r'\r\n', '\r\n').encode(), re.DOTALL)
    while not (found := pattern.match(buffer)):
        if len(buffer) > 65536 or (b'ERROR' in buffer[:16] and b'\n' in buffer):
            raise SystemExit(f'expected {reply}, got {buffer[:200]!r}')
        more()
    buffer = buffer[found.end() :]


def say(commands):
    global request_id
    said = [binary(one[0]) if is_binary else unescape(one[0]) for one in commands]
    if is_udp:
        assert len(said) == 1
        request_id += 1
        said = [struct.pack('!HHHH', request_id, 0, 1, 0) + said[0]]
    if len(said[0]) > 100000:
        # of what is so large, nobody wants to keep more than the first line
        line, end, rest = said[0].partition(b'\n')
        connection.sendall(line + end)
        said[0] = rest
    connection.sendall(b''.join(said))
    for command, reply, resource, status, outcome in commands:
        if reply:
            try:
                answered(reply)
            except TimeoutError:
                raise SystemExit(f'expected {reply}, got only {buffer[:200]!r}') from None
        print('memcached', command.split()[0].split('\\')[0], resource, status, outcome, sep='\t')


commands = []
for line in sys.stdin.read().split('\n'):
    if line.startswith('#'):
        continue
    if line:
        commands.append([word.strip() for word in line.split('|')])
    elif commands:
        say(commands)
        commands = []
if buffer:
    raise SystemExit(f'too much came: {buffer[:200]!r}')
connection.close()
