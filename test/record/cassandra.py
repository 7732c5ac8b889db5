# DataStax's driver for Python, which is a real client, and a stand-in for the server: Debian has no Cassandra.
# `cassandra.py RECORDING` has the two talk, and prints the stand-in's own log (the truth, see test/recordings.test.ts).
import socket
import struct
import sys
import threading
import zlib

# this file has the name of the driver's module
sys.path = [path for path in sys.path if not path.endswith('record')]

import lz4.block
import snappy
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, ExecutionProfile
from cassandra.policies import FallthroughRetryPolicy
from cassandra.query import BatchStatement, BatchType

ERROR, STARTUP, READY, AUTHENTICATE, OPTIONS, SUPPORTED, QUERY, RESULT, PREPARE, EXECUTE, REGISTER, EVENT, BATCH = (
    0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13)  # fmt: skip
AUTH_RESPONSE, AUTH_SUCCESS = 15, 16
NAMES = {STARTUP: 'STARTUP', OPTIONS: 'OPTIONS', REGISTER: 'REGISTER', AUTH_RESPONSE: 'AUTH_RESPONSE'}

UUID = bytes(range(16))
ASCII, INET, INTEGER, SET_OF_TEXT, IS_UUID = b'\0\x0d', b'\0\x10', b'\0\x09', b'\0\x22\0\x0d', b'\0\x0c'

# What a statement about a table of such a name gets: code, what follows the message, name and whose fault it is.
FAILURES = {
    'unavailable': (0x1000, struct.pack('>Hii', 4, 2, 1), 'Unavailable', 'error'),
    'overloaded': (0x1001, b'', 'Overloaded', 'error'),
    'slowwrite': (0x1100, struct.pack('>Hii', 4, 1, 2) + b'\0\x06SIMPLE', 'Write_timeout', 'error'),
    'slowread': (0x1200, struct.pack('>HiiB', 4, 1, 2, 0), 'Read_timeout', 'error'),
    'mistyped': (0x2000, b'', 'Syntax_error', 'error'),
    'forbidden': (0x2100, b'', 'Unauthorized', 'warning'),
    'missing': (0x2200, b'', 'Invalid', 'error'),
    'existing': (0x2400, b'\0\x04shop\0\x08existing', 'Already_exists', 'error'),
}


def string(text):
    return struct.pack('>H', len(text)) + text.encode()


def value(data):
    return struct.pack('>i', -1) if data is None else struct.pack('>i', len(data)) + data


def rows(table, columns, values):
    """A result of rows; columns are names with their types."""
    head = struct.pack('>iii', 2, 1, len(columns)) + string('shop') + string(table)
    head += b''.join(string(name) + kind for name, kind in columns)
    return head + struct.pack('>i', len(values)) + b''.join(value(one) for row in values for one in row)


def text_set(*texts):
    return struct.pack('>i', len(texts)) + b''.join(value(text.encode()) for text in texts)


LOCAL = [
    ('key', ASCII, b'local'),
    ('cluster_name', ASCII, b'a cluster'),
    ('data_center', ASCII, b'here'),
    ('rack', ASCII, b'one'),
    ('partitioner', ASCII, b'org.apache.cassandra.dht.Murmur3Partitioner'),
    ('release_version', ASCII, b'4.0.0'),
    ('cql_version', ASCII, b'3.4.5'),
    ('schema_version', IS_UUID, UUID),
    ('host_id', IS_UUID, UUID),
    ('tokens', SET_OF_TEXT, text_set('0')),
    ('rpc_address', INET, bytes((127, 0, 0, 1))),
    ('broadcast_address', INET, bytes((127, 0, 0, 1))),
    ('listen_address', INET, bytes((127, 0, 0, 1))),
]


class Connection:
    """One connection of the server, which writes down what it was asked and how it answered."""

    def __init__(self, connection, log, password):
        self.connection = connection
        self.log = log
        self.password = password
        self.version = 0
        self.compression = None
        self.segmented = False
        self.prepared = {}
        self.buffer = b''

    def talk(self):
        stream = self.connection.makefile('rb')
        while header := self.take(stream, 9):
            version, flags, number, opcode, length = struct.unpack('>BBhBi', header)
            body = self.take(stream, length)
            self.version = version
            if flags & 1 and version < 5:
                body = self.inflate(body)
            self.hear(opcode, number, body)

    def take(self, stream, length):
        """Bytes of envelopes, out of segments once there are any."""
        if not self.segmented:
            return stream.read(length)
        while len(self.buffer) < length:
            head = stream.read(8 if self.compression else 6)
            if not head:
                return b''
            sizes = int.from_bytes(head[:-3], 'little')
            payload = stream.read(sizes & 0x1FFFF)
            assert crc32(payload) == stream.read(4)
            inflated = (sizes >> 17) & 0x1FFFF if self.compression else 0
            self.buffer += lz4.block.decompress(payload, uncompressed_size=inflated) if inflated else payload
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def say(self, opcode, number, body=b''):
        flags = 0
        if self.compression and self.version < 5 and opcode not in (READY, AUTHENTICATE):
            body, flags = self.deflate(body), 1
        envelope = struct.pack('>BBhBi', 0x80 | self.version, flags, number, opcode, len(body)) + body
        if not self.segmented:
            self.connection.sendall(envelope)
            return
        whole = len(envelope) <= 0x1FFFF
        for at in range(0, len(envelope), 0x1FFFF):
            self.connection.sendall(self.segment(envelope[at : at + 0x1FFFF], whole))

    def segment(self, payload, whole):
        if not self.compression:
            head = (len(payload) | whole << 17).to_bytes(3, 'little')
        else:
            packed = lz4.block.compress(payload, store_size=False)
            inflated, payload = (len(payload), packed) if len(packed) < len(payload) else (0, payload)
            head = (len(payload) | inflated << 17 | whole << 34).to_bytes(5, 'little')
        return head + crc24(head) + payload + crc32(payload)

    def inflate(self, body):
        if self.compression == 'snappy':
            return snappy.uncompress(body)
        return lz4.block.decompress(body[4:], uncompressed_size=struct.unpack_from('>i', body)[0])

    def deflate(self, body):
        if self.compression == 'snappy':
            return snappy.compress(body)
        return struct.pack('>i', len(body)) + lz4.block.compress(body, store_size=False)

    def hear(self, opcode, number, body):
        if opcode == OPTIONS:
            options = {'CQL_VERSION': ['3.4.5'], 'COMPRESSION': ['lz4', 'snappy']}
            text = struct.pack('>H', len(options))
            for key, values in options.items():
                text += string(key) + struct.pack('>H', len(values)) + b''.join(map(string, values))
            self.answer(opcode, number, SUPPORTED, text)
        elif opcode == STARTUP:
            for compression in ('lz4', 'snappy'):
                if string(compression) in body:
                    self.compression = compression
            if self.password:
                self.answer(opcode, number, AUTHENTICATE, string('org.apache.cassandra.auth.PasswordAuthenticator'))
            else:
                self.answer(opcode, number, READY)
            self.segmented = self.version >= 5
        elif opcode == AUTH_RESPONSE:
            if body.endswith(b'\0' + self.password.encode()):
                self.answer(opcode, number, AUTH_SUCCESS, value(None))
            else:
                self.log(NAMES[opcode], '', 'Authentication_error', 'warning')
                self.say(ERROR, number, struct.pack('>i', 0x100) + string('not so'))
        elif opcode == REGISTER:
            self.answer(opcode, number, READY)
            self.log('EVENT', 'SCHEMA_CHANGE CREATED', '-', 'ok')
            self.say(EVENT, -1, string('SCHEMA_CHANGE') + string('CREATED') + string('KEYSPACE') + string('shop'))
        elif opcode == BATCH:
            self.run(number, 'BATCH', '; '.join(self.batch(body)))
        elif opcode == EXECUTE:
            (length,) = struct.unpack_from('>H', body)
            text = self.prepared[body[2 : 2 + length]]
            self.run(number, text.split()[0], text)
        else:
            (length,) = struct.unpack_from('>i', body)
            text = body[4 : 4 + length].decode()
            self.run(number, 'PREPARE' if opcode == PREPARE else text.split()[0].upper(), text)

    def batch(self, body):
        """Its statements, of which one that is repeated is told once."""
        texts = []
        at = 3
        for _ in range(struct.unpack_from('>H', body, 1)[0]):
            kind = body[at]
            (length,) = struct.unpack_from('>i' if kind == 0 else '>H', body, at + 1)
            at += 5 if kind == 0 else 3
            text = body[at : at + length].decode() if kind == 0 else self.prepared[body[at : at + length]]
            at += length
            (values,) = struct.unpack_from('>H', body, at)
            at += 2
            for _ in range(values):
                at += 4 + max(0, struct.unpack_from('>i', body, at)[0])
            if texts[-1:] != [text]:
                texts.append(text)
        return texts

    def run(self, number, method, text):
        for table, (code, more, name, outcome) in FAILURES.items():
            if table in text:
                self.log(method, text, name, outcome)
                self.say(ERROR, number, struct.pack('>i', code) + string('not so') + more)
                return
        self.log(method, text, 'OK', 'ok')
        self.say(RESULT, number, self.result(method, text))

    def result(self, method, text):
        if method == 'PREPARE':
            identity = zlib.crc32(text.encode()).to_bytes(4, 'big') * 4
            self.prepared[identity] = text
            count = text.count('?')
            result = struct.pack('>iH', 4, 16) + identity
            if self.version >= 5:
                result += struct.pack('>H', 16) + identity
            result += struct.pack('>ii', 1, count)
            if self.version >= 4:
                result += struct.pack('>i', 0)
            result += string('shop') + string('carts')
            result += b''.join(string(f'c{i}') + INTEGER for i in range(count))
            return result + struct.pack('>iii', 4, 0, 0)
        if 'system.local' in text:
            return rows('local', [(name, kind) for name, kind, _ in LOCAL], [[one for _, _, one in LOCAL]])
        if 'system.peers_v2' in text or 'system.peers' in text:
            return rows('peers', [('peer', INET)], [])
        if 'big' in text:
            return rows('carts', [('user', ASCII)], [[b'hidden' * 20]] * 200)
        if text.upper().startswith('SELECT'):
            return rows('carts', [('user', ASCII)], [[b'hidden']])
        if text.upper().startswith('USE'):
            return struct.pack('>i', 3) + string('shop')
        if text.upper().startswith(('CREATE', 'DROP')):
            return struct.pack('>i', 5) + string('CREATED') + string('TABLE') + string('shop') + string('carts')
        return struct.pack('>i', 1)

    def answer(self, asked, number, opcode, body=b''):
        self.log(NAMES[asked], '', 'OK', 'ok')
        self.say(opcode, number, body)


def crc24(data):
    crc = 0x875060
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1974F0B
    return crc.to_bytes(3, 'little')


def crc32(data):
    return zlib.crc32(data, zlib.crc32(b'\xfa\x2d\x55\xca')).to_bytes(4, 'little')


def serve(family, password=''):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('::1' if family == socket.AF_INET6 else '127.0.0.1', 9042))
    listener.listen()
    kept = threading.Lock()

    def log(method, resource, status, outcome):
        with kept:
            print('cassandra', method, resource, status, outcome, sep='\t', flush=True)

    def accept():
        while True:
            connection = Connection(listener.accept()[0], log, password)
            threading.Thread(target=connection.talk, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def session(version, host='127.0.0.1', **options):
    profile = ExecutionProfile(retry_policy=FallthroughRetryPolicy(), request_timeout=5)
    cluster = Cluster(
        [host],
        protocol_version=version,
        execution_profiles={'default': profile},
        schema_metadata_enabled=False,
        token_metadata_enabled=False,
        idle_heartbeat_interval=0,
        **{'compression': False, **options},
    )
    return cluster, cluster.connect()


def fails(act):
    try:
        act()
    except Exception:
        return
    raise SystemExit('it should have failed')


def statements(one):
    one.execute('USE shop')
    one.execute('CREATE TABLE carts (id uuid PRIMARY KEY, user text)')
    one.execute("INSERT INTO carts (id, user) VALUES (5b6962dd-3f90-4c93-8f61-eabfa4a803e2, 'ann')")
    one.execute('SELECT user FROM carts WHERE id = %s', (7,))
    prepared = one.prepare('SELECT user FROM carts WHERE id = ?')
    written = one.prepare('INSERT INTO carts (id, n) VALUES (?, ?)')
    for future in [one.execute_async(prepared, (i,)) for i in range(10)]:
        future.result()
    batch = BatchStatement(BatchType.UNLOGGED)
    for i in range(3):
        batch.add(written, (i, i))
    batch.add('DELETE FROM carts WHERE id = 7')
    one.execute(batch)
    one.execute('SELECT big FROM carts')


def failures(one):
    for table in FAILURES:
        fails(lambda table=table: one.execute(f'SELECT user FROM {table}'))
    fails(lambda: one.prepare('SELECT user FROM mistyped WHERE id = ?'))


def talk(recording):
    version = int(recording[1])
    family, host = (socket.AF_INET6, '::1') if recording == 'v3' else (socket.AF_INET, '127.0.0.1')
    compression = recording.partition('-')[2]
    if recording == 'v4-login':
        serve(family, password='hidden')
        fails(lambda: session(4, auth_provider=PlainTextAuthProvider('ann', 'wrong')))
        cluster, one = session(4, auth_provider=PlainTextAuthProvider('ann', 'hidden'))
        one.execute('SELECT user FROM carts')
        cluster.shutdown()
        return
    serve(family)
    options = {'compression': compression} if compression else {}
    cluster, one = session(version, host, **options)
    statements(one)
    failures(one)
    cluster.shutdown()


if __name__ == '__main__':
    print('# what the stand-in for the server wrote down of what it was asked and how it answered', flush=True)
    talk(sys.argv[1])
