# Server and client of test/record/grpc.sh: every kind of call, every status. Prints what the client was told.
import sys
import threading
from concurrent import futures

import grpc

SERVICE = 'shop.Cart'
gone = threading.Event()


def unary(request, context):
    if request == b'abort':
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, 'no such thing: 50% off')
    context.set_trailing_metadata((('spent', '1'),))
    return request * 3


def ends(code):
    def method(_, context):
        context.set_code(code)
        context.set_details('as asked')
        return b''

    return method


def many(request, _):
    for _ in range(5):
        yield request


def forever(request, _):
    yield request
    gone.wait(10)


def sum_up(requests, _):
    return b'%d' % sum(len(one) for one in requests)


def echo(requests, _):
    yield from requests


def fails_late(request, context):
    yield request
    context.abort(grpc.StatusCode.DATA_LOSS, 'half of it')


codes = {code.name: code for code in grpc.StatusCode}
handlers = {
    'Unary': grpc.unary_unary_rpc_method_handler(unary),
    'Many': grpc.unary_stream_rpc_method_handler(many),
    'Forever': grpc.unary_stream_rpc_method_handler(forever),
    'FailsLate': grpc.unary_stream_rpc_method_handler(fails_late),
    'SumUp': grpc.stream_unary_rpc_method_handler(sum_up),
    'Echo': grpc.stream_stream_rpc_method_handler(echo),
    **{f'End{name}': grpc.unary_unary_rpc_method_handler(ends(code)) for name, code in codes.items()},
}
server = grpc.server(futures.ThreadPoolExecutor(8))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
server.add_insecure_port('127.0.0.1:50051')
server.start()

client_fault = {
    'CANCELLED', 'INVALID_ARGUMENT', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
    'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNAUTHENTICATED',
}  # fmt: skip


def tell(path, code):
    outcome = 'ok' if code.name == 'OK' else 'warning' if code.name in client_fault else 'error'
    # at once: several threads tell
    sys.stdout.write('\t'.join(('grpc', 'POST', path, code.name, outcome)) + '\n')


def ask(kind, method, value, **options):
    path = f'/{SERVICE}/{method}'
    call = getattr(channel, kind)(path)
    try:
        if kind == 'unary_unary':
            tell(path, call.with_call(value, **options)[1].code())
        elif kind == 'stream_unary':
            tell(path, call.with_call(iter(value), **options)[1].code())
        else:
            answers = call(iter(value) if kind == 'stream_stream' else value, **options)
            for _ in answers:
                if method == 'Forever':
                    answers.cancel()
            tell(path, answers.code())
    except grpc.RpcError as error:
        tell(path, error.code())


with grpc.insecure_channel('127.0.0.1:50051') as channel:
    for _ in range(3):
        ask('unary_unary', 'Unary', b'cart', metadata=(('authorization', 'secret'),))
    ask('unary_unary', 'Unary', b'')
    ask('unary_unary', 'Unary', b'abort')
    ask('unary_unary', 'Unary', b'x' * 3000)
    ask('unary_unary', 'Unary', b'zip' * 400, compression=grpc.Compression.Gzip)
    for name in codes:
        ask('unary_unary', f'End{name}', b'cart')
    ask('unary_unary', 'Nowhere', b'cart')
    ask('unary_stream', 'Many', b'cart')
    ask('unary_stream', 'FailsLate', b'cart')
    ask('unary_stream', 'Forever', b'cart')
    ask('stream_unary', 'SumUp', [b'a', b'bc', b'def'])
    ask('stream_stream', 'Echo', [b'a', b'bc', b'def'])
    threads = [threading.Thread(target=ask, args=('unary_stream', 'Many', b'cart')) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
gone.set()
server.stop(None).wait()
