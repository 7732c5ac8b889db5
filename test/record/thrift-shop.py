"""A server of Apache Thrift's Python library, and its client: see thrift.sh.

    python3 thrift-shop.py GENERATED serve FORM PORT
    python3 thrift-shop.py GENERATED ask FORM PORT [HOST]      prints the truth: what was asked, and how it was answered

A form is words: `framed`, `older`, `compact`, `services` (several over one connection), `large`.
"""

import socket
import sys

generated, role, form, port, *host = sys.argv[1:]
sys.path.insert(0, generated)

from shop import Shop, Stock
from shop.ttypes import Item, NotFound
from thrift.protocol import TBinaryProtocol, TCompactProtocol
from thrift.protocol.TMultiplexedProtocol import TMultiplexedProtocol
from thrift.server import TServer
from thrift.Thrift import TApplicationException
from thrift.TMultiplexedProcessor import TMultiplexedProcessor
from thrift.transport import TSocket, TTransport

words = form.split()
types = TApplicationException


class Handler:
    def ping(self):
        pass

    def add(self, a, b):
        return a + b

    def find(self, sku):
        if sku == 'nothing':
            raise NotFound(sku)
        return Item(sku, 3, 12.5, True, b'\x00\x80\x01\x00\x02')

    def fail(self):
        raise RuntimeError('not declared')

    def log(self, text):
        pass

    def carts(self, ids, flags):
        return {str(one): [Item('a', one, 1.0, flag) for flag in flags] for one in ids}

    def echo(self, text):
        return text

    def count(self, sku):
        return len(sku)


class Older(TBinaryProtocol.TBinaryProtocol):
    # the library forgets that the name of the older form is a text
    def readMessageBegin(self):
        name, *rest = super().readMessageBegin()
        return name if isinstance(name, str) else name.decode(), *rest


class Olders:
    def getProtocol(self, transport):
        return Older(transport, strictRead=False, strictWrite=False)


def protocols():
    if 'compact' in words:
        return TCompactProtocol.TCompactProtocolFactory()
    return Olders() if 'older' in words else TBinaryProtocol.TBinaryProtocolFactory()


class Unbuffered:
    # what stands before a text goes in packets of its own
    def getTransport(self, transport):
        if not transport.handle:
            transport.open()
        transport.handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return transport


def transports():
    if 'framed' in words:
        return TTransport.TFramedTransportFactory()
    if 'large' in words:
        return Unbuffered()
    return TTransport.TBufferedTransportFactory()


def serve():
    processor = Shop.Processor(Handler())
    if 'services' in words:
        processor = TMultiplexedProcessor()
        processor.registerProcessor('Shop', Shop.Processor(Handler()))
        processor.registerProcessor('Stock', Stock.Processor(Handler()))
    listener = TSocket.TServerSocket(None, int(port))
    TServer.TThreadedServer(processor, listener, transports(), protocols(), daemon=True).serve()


def tell(method, status, outcome, service=''):
    print('thrift', method, service, status, outcome, sep='\t')


def connect():
    transport = transports().getTransport(TSocket.TSocket(*host or ['127.0.0.1'], int(port)))
    if not transport.isOpen():
        transport.open()
    return transport, protocols().getProtocol(transport)


def fails(call, kind):
    try:
        call()
    except types as error:
        assert error.type == kind, error
        return
    raise SystemExit('it did not fail')


def ask():
    transport, protocol = connect()
    shop = Shop.Client(protocol)
    shop.ping()
    tell('ping', 'OK', 'ok')
    assert shop.add(1, -2) == -1
    tell('add', 'OK', 'ok')
    assert shop.find('tea').sku == 'tea'
    tell('find', 'OK', 'ok')
    try:
        shop.find('nothing')
    except NotFound:
        tell('find', 'EXCEPTION 1', 'warning')
    fails(shop.fail, types.INTERNAL_ERROR)
    tell('fail', 'INTERNAL_ERROR', 'error')
    shop.log('nobody answers')
    tell('log', '-', 'ok')
    assert len(shop.carts({1, 2, 300}, [True, False] * 10)) == 3
    tell('carts', 'OK', 'ok')
    fails(lambda: Stock.Client(protocol).count('tea'), types.UNKNOWN_METHOD)
    tell('count', 'UNKNOWN_METHOD', 'warning')
    # all of them have the same sequence id
    shop.send_echo('a')
    shop.send_add(1, 2)
    shop.send_echo('b')
    assert shop.recv_echo() == 'a' and shop.recv_add() == 3 and shop.recv_echo() == 'b'
    tell('echo', 'OK', 'ok')
    tell('add', 'OK', 'ok')
    tell('echo', 'OK', 'ok')
    transport.close()


def ask_large():
    transport, protocol = connect()
    shop = Shop.Client(protocol)
    shop.ping()
    tell('ping', 'OK', 'ok')
    for length in 200_000, 100:
        assert len(shop.echo('x' * length)) == length
        tell('echo', 'OK', 'ok')
    transport.close()


def ask_services():
    transport, protocol = connect()
    shop = Shop.Client(TMultiplexedProtocol(protocol, 'Shop'))
    stock = Stock.Client(TMultiplexedProtocol(protocol, 'Stock'))
    assert stock.count('tea') == 3
    tell('count', 'OK', 'ok', 'Stock')
    shop.log('nobody answers')
    tell('log', '-', 'ok', 'Shop')
    shop.ping()
    tell('ping', 'OK', 'ok', 'Shop')
    transport.close()


if role == 'serve':
    serve()
else:
    print(f'# the client: {form}')
    (ask_large if 'large' in words else ask_services if 'services' in words else ask)()
