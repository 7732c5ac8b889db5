# PyMongo, which is a real client, and a stand-in for the server: Debian has no MongoDB. `mongodb.py RECORDING` has the
# two talk, and prints what PyMongo's own listeners told of it (its truth, see test/recordings.test.ts).
import socket
import struct
import sys
import threading
import zlib

import bson
import pymongo
import snappy
import zstandard
from pymongo import monitoring

REPLY, UPDATE, INSERT, QUERY, GET_MORE, DELETE, KILL_CURSORS, COMPRESSED, MSG = (
    1, 2001, 2002, 2004, 2005, 2006, 2007, 2012, 2013)  # fmt: skip
BATCH = 2


class Failure(Exception):
    def __init__(self, code, name):
        super().__init__(name)
        self.document = {'ok': 0.0, 'errmsg': 'not so', 'code': code, 'codeName': name}


class Server:
    """Keeps documents in lists, and does what the client below asks for."""

    def __init__(self, wire_version):
        self.wire_version = wire_version
        self.collections = {}
        self.cursors = {}

    def serve(self, family, port):
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('::1' if family == socket.AF_INET6 else '127.0.0.1', port))
        listener.listen()

        def accept():
            while True:
                threading.Thread(target=self.talk, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()

    def talk(self, connection):
        with connection, connection.makefile('rb') as stream:
            while header := stream.read(16):
                length, number, _, opcode = struct.unpack('<iiii', header)
                body = stream.read(length - 16)
                compressor = None
                if opcode == COMPRESSED:
                    opcode, _, compressor = struct.unpack_from('<iiB', body)
                    body = inflate(compressor, body[9:])
                self.hear(connection, number, opcode, body, compressor)

    def hear(self, connection, number, opcode, body, compressor):
        if opcode == MSG:
            flags, command = read_msg(body)
            document = self.run(command)
            if not flags & 2:
                payload = struct.pack('<IB', 0, 0) + bson.encode(document)
                connection.sendall(message(number + 1, number, MSG, payload, compressor))
        elif opcode == QUERY:
            namespace, rest = read_namespace(body)
            limit = struct.unpack_from('<i', rest, 4)[0]
            query = bson.decode_all(rest[8:])[0]
            database, name = namespace.split('.', 1)
            if name == '$cmd':
                reply(connection, number, [self.run({**query.get('$query', query), '$db': database})])
            elif name == 'broken':
                reply(connection, number, [{'$err': 'not so', 'code': 2}], flags=2)
            else:
                documents = list(self.find(namespace, query.get('$query', query)))
                count = abs(limit) or BATCH
                cursor = self.keep(documents[count:]) if limit >= 0 else 0
                reply(connection, number, documents[:count], cursor)
        elif opcode == GET_MORE:
            namespace, rest = read_namespace(body)
            _, cursor = struct.unpack('<iq', rest)
            if cursor not in self.cursors:
                reply(connection, number, [], flags=1)
            else:
                documents = self.cursors.pop(cursor)
                reply(connection, number, documents[:BATCH], self.keep(documents[BATCH:], cursor))
        elif opcode == INSERT:
            namespace, rest = read_namespace(body)
            self.collections.setdefault(namespace, []).extend(bson.decode_all(rest))

    def keep(self, documents, cursor=None):
        if not documents:
            return 0
        cursor = cursor or 7000 + len(self.cursors)
        self.cursors[cursor] = documents
        return cursor

    def find(self, namespace, query):
        for document in self.collections.get(namespace, []):
            if all(document.get(key) == value for key, value in query.items()):
                yield document

    def run(self, command):
        method = getattr(self, f'do_{next(iter(command)).lower()}', None)
        try:
            if not method:
                raise Failure(59, 'CommandNotFound')
            return {**method(command), 'ok': 1.0}
        except Failure as failure:
            return failure.document

    def do_ismaster(self, command):
        compressors = command.get('compression', [])
        hello = {'ismaster': True, 'minWireVersion': 0, 'maxWireVersion': self.wire_version}
        if self.wire_version > 6:
            hello['logicalSessionTimeoutMinutes'] = 30
        return {**hello, 'compression': compressors, 'maxBsonObjectSize': 16 << 20}

    def do_ping(self, command):
        return {}

    def do_endsessions(self, command):
        return {}

    def do_saslstart(self, command):
        raise Failure(18, 'AuthenticationFailed')

    def do_insert(self, command):
        if command['insert'] == 'unsafe':
            error = {'code': 64, 'codeName': 'WriteConcernFailed', 'errmsg': 'waiting'}
            return {'n': 1, 'writeConcernError': error}
        documents = self.collections.setdefault(f'{command["$db"]}.{command["insert"]}', [])
        known = {str(document['_id']) for document in documents}
        errors = []
        for index, document in enumerate(command['documents']):
            if str(document['_id']) in known:
                errors.append({'index': index, 'code': 11000, 'errmsg': 'E11000 duplicate key'})
                break
            known.add(str(document['_id']))
            documents.append(document)
        return {'n': len(command['documents']), **({'writeErrors': errors} if errors else {})}

    def do_update(self, command):
        return {'n': 1, 'nModified': 1}

    def do_delete(self, command):
        return {'n': 1}

    def do_find(self, command):
        if command.get('maxTimeMS'):
            raise Failure(50, 'MaxTimeMSExpired')
        namespace = f'{command["$db"]}.{command["find"]}'
        documents = list(self.find(namespace, command['filter']))
        size = command.get('batchSize', 101)
        cursor = 0 if command.get('singleBatch') else self.keep(documents[size:])
        return {'cursor': {'firstBatch': documents[:size], 'id': cursor, 'ns': namespace}}

    def do_getmore(self, command):
        cursor = command['getMore']
        if cursor not in self.cursors:
            raise Failure(43, 'CursorNotFound')
        documents = self.cursors.pop(cursor)
        cursor = self.keep(documents[BATCH:], cursor)
        namespace = f'{command["$db"]}.{command["collection"]}'
        return {'cursor': {'nextBatch': documents[:BATCH], 'id': cursor, 'ns': namespace}}

    def do_killcursors(self, command):
        for cursor in command['cursors']:
            self.cursors.pop(cursor, None)
        return {'cursorsKilled': command['cursors']}

    def do_aggregate(self, command):
        if command['aggregate'] != 1 and {'$nonsense': 1} in command['pipeline']:
            raise Failure(40324, 'Location40324')
        return {'cursor': {'firstBatch': [{'n': 3}], 'id': 0, 'ns': 'shop.carts'}}

    def do_distinct(self, command):
        return {'values': [1, 2]}

    def do_findandmodify(self, command):
        return {'value': None}

    def do_createindexes(self, command):
        return {}

    def do_drop(self, command):
        raise Failure(26, 'NamespaceNotFound')

    def do_listcollections(self, command):
        return {'cursor': {'firstBatch': [{'name': 'carts'}], 'id': 0, 'ns': 'shop.$cmd.listCollections'}}

    def do_shutdown(self, command):
        raise Failure(13, 'Unauthorized')


def message(number, response_to, opcode, payload, compressor=None):
    if compressor is not None:
        payload = struct.pack('<iiB', opcode, len(payload), compressor) + deflate(compressor, payload)
        opcode = COMPRESSED
    return struct.pack('<iiii', 16 + len(payload), number, response_to, opcode) + payload


def reply(connection, answers, documents, cursor=0, flags=8):
    payload = struct.pack('<iqii', flags, cursor, 0, len(documents))
    payload += b''.join(bson.encode(document) for document in documents)
    connection.sendall(message(answers + 1, answers, REPLY, payload))


def inflate(compressor, data):
    if compressor == 1:
        return snappy.uncompress(data)
    if compressor == 2:
        return zlib.decompress(data)
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def deflate(compressor, data):
    if compressor == 1:
        return snappy.compress(data)
    return zlib.compress(data) if compressor == 2 else zstandard.ZstdCompressor().compress(data)


def read_msg(body):
    (flags,) = struct.unpack_from('<I', body)
    at, command = 4, {}
    while at < len(body):
        kind = body[at]
        (size,) = struct.unpack_from('<i', body, at + 1)
        section = body[at + 1 : at + 1 + size]
        if kind == 0:
            command = {**bson.decode(section), **command}
        else:
            name = section[4 : section.index(b'\0', 4)].decode()
            command[name] = bson.decode_all(section[5 + len(name) :])
        at += 1 + size
    body = {key: value for key, value in command.items() if key not in ('documents', 'updates', 'deletes')}
    return flags, {**body, **command}


def read_namespace(body):
    end = body.index(b'\0', 4)
    return body[4:end].decode(), body[end + 1 :]


# Codes of errors as replies to writes have them, and what clients are expected to meet.
CODES = {2: 'BadValue', 11000: 'DuplicateKey'}
EXPECTED = {'Unauthorized', 'AuthenticationFailed', 'WriteConcernFailed', 'MaxTimeMSExpired'}
# Commands about a database: their first value names no collection.
OF_DATABASE = {'ping', 'endSessions', 'listCollections', 'shutdown', 'nonsense'}


class Truth:
    def __init__(self, legacy):
        self.legacy = legacy
        self.kept = threading.Lock()

    def tell(self, method, resource, status='OK', outcome=None):
        outcome = outcome or ('ok' if status == 'OK' else 'warning' if status in EXPECTED else 'error')
        with self.kept:
            print('mongodb', method, resource, status, outcome, sep='\t', flush=True)

    def handshake(self):
        self.tell('ismaster', 'admin')


class Commands(monitoring.CommandListener):
    """What is asked and answered."""

    def __init__(self, truth):
        self.truth = truth
        self.asked = {}

    def started(self, event):
        # of what has to do with passwords PyMongo tells no more than the name
        command = event.command or {event.command_name: 1}
        name, value = next(iter(command.items()))
        if name == 'getMore':
            value = command['collection']
        is_named = name not in OF_DATABASE and isinstance(value, str)
        resource = f'{event.database_name}.{value}' if is_named else event.database_name
        # OP_KILL_CURSORS, which came before the command, names no collection and is not answered
        kills = self.truth.legacy and name == 'killCursors'
        is_silent = kills or command.get('writeConcern') == {'w': 0}
        self.asked[event.request_id] = (name, '' if kills else resource, is_silent)

    def succeeded(self, event):
        name, resource, is_silent = self.asked.pop(event.request_id)
        reply = event.reply
        if is_silent:
            self.truth.tell(name, resource, '-', 'ok')
        elif 'writeErrors' in reply:
            self.truth.tell(name, resource, CODES[reply['writeErrors'][0]['code']])
        elif 'writeConcernError' in reply:
            self.truth.tell(name, resource, reply['writeConcernError']['codeName'])
        else:
            self.truth.tell(name, resource)

    def failed(self, event):
        name, resource, _ = self.asked.pop(event.request_id)
        failure = event.failure or {'codeName': 'AuthenticationFailed'}
        self.truth.tell(name, resource, failure.get('codeName') or CODES[failure['code']])


class Heartbeats(monitoring.ServerHeartbeatListener):
    """How the server is: each is a handshake."""

    def __init__(self, truth):
        self.truth = truth

    def started(self, event):
        pass

    def failed(self, event):
        pass

    def succeeded(self, event):
        self.truth.handshake()


class Connections(monitoring.ConnectionPoolListener):
    """A connection begins with a handshake."""

    def __init__(self, truth):
        self.truth = truth

    def connection_ready(self, event):
        self.truth.handshake()

    def nothing(self, event):
        pass

    pool_created = pool_cleared = pool_closed = connection_created = connection_closed = nothing
    connection_check_out_started = connection_check_out_failed = nothing
    connection_checked_out = connection_checked_in = nothing


def client(truth, host='127.0.0.1', **options):
    return pymongo.MongoClient(
        host,
        27017,
        heartbeatFrequencyMS=60000,
        retryWrites=False,
        retryReads=False,
        event_listeners=[Commands(truth), Heartbeats(truth), Connections(truth)],
        **options,
    )


def fails(act):
    try:
        act()
    except pymongo.errors.PyMongoError:
        return
    raise SystemExit('it should have failed')


def commands(truth):
    with client(truth) as one:
        shop = one.shop
        shop.carts.insert_one({'_id': 1, 'user': 'hidden'})
        shop.carts.insert_many([{'_id': i, 'n': 5} for i in range(2, 9)])
        fails(lambda: shop.carts.insert_one({'_id': 1}))
        assert len(list(shop.carts.find({'n': 5}, batch_size=2))) == 7
        with shop.carts.find({'n': 5}, batch_size=2) as cursor:
            next(cursor)
        shop.carts.find_one({'_id': 1})
        shop.carts.update_one({'_id': 1}, {'$set': {'user': 'hidden'}})
        shop.carts.delete_many({'n': 6})
        shop.carts.count_documents({})
        shop.carts.distinct('n')
        shop.carts.find_one_and_update({'_id': 1}, {'$set': {'n': 1}})
        shop.carts.create_index('user')
        list(shop.carts.aggregate([{'$group': {'_id': '$user'}}]))
        shop.list_collection_names()
        one.admin.command('ping')


def failures(truth):
    with client(truth, host='[::1]') as one:
        shop = one.shop
        fails(lambda: shop.command('drop', 'nowhere'))
        fails(lambda: shop.command('nonsense', 'hidden'))
        fails(lambda: one.admin.command('shutdown'))
        fails(lambda: list(shop.carts.find({}, max_time_ms=1)))
        fails(lambda: list(shop.carts.aggregate([{'$nonsense': 1}])))
        fails(lambda: shop.command('getMore', bson.Int64(99), collection='carts'))
        fails(lambda: shop.unsafe.insert_one({'_id': 1}))
        unacknowledged = shop.get_collection('log', write_concern=pymongo.WriteConcern(w=0))
        unacknowledged.insert_one({'_id': 1})
        one.admin.command('ping')
    with client(truth, username='ann', password='hidden') as one:
        fails(lambda: one.admin.command('ping'))
        # a connection that is refused was greeted all the same, but is never ready
        truth.handshake()


def large(truth):
    with client(truth) as one:
        one.shop.carts.insert_one({'_id': 1, 'big': 'x' * 24000})
        one.shop.carts.find_one({'_id': 1})
        threads = [threading.Thread(target=lambda: one.admin.command('ping')) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def compressed(truth):
    for compressor in ('zlib', 'snappy', 'zstd'):
        with client(truth, compressors=compressor) as one:
            shop = one[compressor]
            shop.carts.insert_many([{'_id': i, 'user': 'hidden'} for i in range(30)])
            fails(lambda: shop.carts.insert_one({'_id': 1}))
            list(shop.carts.find({'user': 'hidden'}))
            fails(lambda: shop.command('drop', 'nowhere'))


def legacy(truth):
    with client(truth) as one:
        shop = one.shop
        shop.carts.insert_many([{'_id': i, 'n': 5} for i in range(7)])
        fails(lambda: shop.carts.insert_one({'_id': 1}))
        list(shop.carts.find({'n': 5}, batch_size=2))
        shop.carts.find_one({'_id': 1})
        fails(lambda: list(shop.broken.find()))
        fails(lambda: shop.command('drop', 'nowhere'))
        unacknowledged = shop.get_collection('log', write_concern=pymongo.WriteConcern(w=0))
        unacknowledged.insert_one({'_id': 1})
        one.admin.command('ping')


recording = sys.argv[1]
server = Server(3 if recording == 'legacy' else 9)
server.serve(socket.AF_INET, 27017)
server.serve(socket.AF_INET6, 27017)
print('# what PyMongo told of what it asked and was answered; the server is a stand-in', flush=True)
{
    'commands': commands,
    'failures': failures,
    'large': large,
    'compressed': compressed,
    'legacy': legacy,
}[recording](Truth(recording == 'legacy'))
