"""
What a client of RabbitMQ does for rabbitmq.sh: `rabbitmq.py PART CERTIFICATE`. Prints what it asked and what it was
answered, as truth: see test/recordings.test.ts.
"""

import ssl
import sys

import pika
from pika import spec
from pika.exceptions import AMQPConnectionError, AMQPChannelError, NackError, UnroutableError

part, certificate = sys.argv[1:]
credentials = pika.PlainCredentials("guest", "guest")
codes = {value: name for name, value in vars(spec).items() if isinstance(value, int)}


def tell(method, resource="", status="OK", outcome="ok"):
    print("amqp", method, resource, status, outcome, sep="\t")


def one_way(method, resource=""):
    tell(method, resource, "-")


def fault(code):
    return f"{code} {codes[code]}"


def connect(host="127.0.0.1", **parameters):
    connection = pika.BlockingConnection(
        pika.ConnectionParameters(host, 5672, credentials=credentials, **parameters)
    )
    tell("connection.start")
    tell("connection.tune")
    tell("connection.open", "/")
    return connection


def open_channel(connection):
    channel = connection.channel()
    tell("channel.open")
    return channel


def close(connection, channels):
    connection.close()
    for _ in range(channels):
        tell("channel.close")
    tell("connection.close")


def publish(channel, exchange, key, body=b"hello"):
    channel.basic_publish(exchange, key, body)
    one_way("basic.publish", f"{exchange}/{key}" if key else exchange)


def declare(channel, queue, **options):
    answer = channel.queue_declare(queue, **options)
    tell("queue.declare", answer.method.queue)
    return answer.method.queue


def expect_close(channel, method, resource, ask):
    """The server closes the channel over what is asked; one that waits for an answer is answered with that."""
    try:
        ask()
        while channel.is_open:
            channel.connection.process_data_events(1)
    except AMQPChannelError:
        pass
    status = fault(channel._impl._closing_reason.reply_code)
    if resource is not None:
        tell(method, resource, status, "warning")
    tell("channel.close", method, status, "warning")


def work():
    connection = connect(frame_max=4096)
    orders = open_channel(connection)
    letters = open_channel(connection)
    orders.exchange_declare("orders", "topic")
    tell("exchange.declare", "orders")
    orders.exchange_declare("archive", "fanout")
    tell("exchange.declare", "archive")
    orders.exchange_bind("archive", "orders", "new.#")
    tell("exchange.bind", "archive")
    declare(orders, "tasks")
    own = declare(letters, "", exclusive=True)
    orders.queue_bind("tasks", "orders", "new.*")
    tell("queue.bind", "tasks")
    letters.queue_bind(own, "archive")
    tell("queue.bind", own)
    letters.basic_qos(prefetch_count=10)
    tell("basic.qos")
    publish(orders, "orders", "new.book")
    publish(orders, "orders", "new.pen", b"x" * 9000)
    publish(orders, "", "tasks", b"")
    publish(letters, "archive", "")

    method, _, body = orders.basic_get("tasks")
    assert body == b"hello"
    tell("basic.get", "tasks")
    orders.basic_ack(method.delivery_tag)
    one_way("basic.ack")
    method, _, body = orders.basic_get("tasks")
    assert len(body) == 9000
    tell("basic.get", "tasks")
    orders.basic_nack(method.delivery_tag, requeue=False)
    one_way("basic.nack")
    method, _, body = orders.basic_get("tasks")
    assert body == b""
    tell("basic.get", "tasks")
    orders.basic_reject(method.delivery_tag, requeue=False)
    one_way("basic.reject")
    assert orders.basic_get("tasks")[0] is None
    tell("basic.get", "tasks", "EMPTY")

    delivered = []
    tag = letters.basic_consume(own, lambda *message: delivered.append(message))
    tell("basic.consume", own)
    while len(delivered) < 3:
        connection.process_data_events(1)
    for _, method, _, body in delivered:
        key = f"/{method.routing_key}" if method.routing_key else ""
        one_way("basic.deliver", method.exchange + key)
    letters.basic_ack(delivered[-1][1].delivery_tag, multiple=True)
    one_way("basic.ack")
    letters.basic_cancel(tag)
    tell("basic.cancel", own)

    letters.basic_consume("tasks", lambda *message: None)
    tell("basic.consume", "tasks")
    orders.tx_select()
    tell("tx.select")
    publish(orders, "orders", "old.book")
    orders.tx_rollback()
    tell("tx.rollback")
    orders.tx_commit()
    tell("tx.commit")
    orders.queue_unbind("tasks", "orders", "new.*")
    tell("queue.unbind", "tasks")
    orders.queue_purge("tasks")
    tell("queue.purge", "tasks")
    orders.exchange_unbind("archive", "orders", "new.#")
    tell("exchange.unbind", "archive")
    orders.queue_delete("tasks")
    tell("queue.delete", "tasks")
    # the server cancels the consumer of a queue that is gone, and wants no answer
    tell("basic.cancel", "tasks", "-", "warning")
    connection.process_data_events(0.3)
    orders.exchange_delete("orders")
    tell("exchange.delete", "orders")
    close(connection, 2)


def confirms():
    connection = connect()
    channel = open_channel(connection)
    channel.confirm_delivery()
    tell("confirm.select")
    declare(channel, "small", arguments={"x-max-length": 2, "x-overflow": "reject-publish"})
    for index in range(3):
        try:
            channel.basic_publish("", "small", b"hello")
            tell("basic.publish", "/small", "ACK")
        except NackError:
            tell("basic.publish", "/small", "NACK", "error")
    try:
        channel.basic_publish("", "nowhere", b"hello", mandatory=True)
        sys.exit("it was routed")
    except UnroutableError as error:
        returned = error.messages[0].method
        tell("basic.return", f"/{returned.routing_key}", fault(returned.reply_code), "warning")
        tell("basic.publish", "/nowhere", "ACK")
    declare(channel, "large")

    # many at once, on a second channel: confirmed one by one or many together, in any order
    many = open_channel(connection)
    confirmed = set()

    def confirm(frame):
        method = frame.method
        first = 1 if method.multiple else method.delivery_tag
        confirmed.update(range(first, method.delivery_tag + 1))

    many._impl.confirm_delivery(confirm, callback=lambda selected: None)
    tell("confirm.select")
    for _ in range(50):
        many._impl.basic_publish("", "large", b"hello")
    while len(confirmed) < 50:
        connection.process_data_events(1)
    for _ in confirmed:
        tell("basic.publish", "/large", "ACK")
    expect_close(many, "basic.publish", "gone/key", lambda: many._impl.basic_publish("gone", "key", b""))
    close(connection, 1)


def faults():
    connection = connect("::1")

    def refused(method, resource, ask):
        channel = open_channel(connection)
        expect_close(channel, method, resource, lambda: ask(channel))

    refused("queue.declare", "nowhere", lambda channel: channel.queue_declare("nowhere", passive=True))
    refused("exchange.declare", "amq.own", lambda channel: channel.exchange_declare("amq.own"))
    refused("queue.bind", "nowhere", lambda channel: channel.queue_bind("nowhere", "amq.direct"))
    refused("basic.consume", "nowhere", lambda channel: channel.basic_consume("nowhere", print))
    refused("basic.get", "nowhere", lambda channel: channel.basic_get("nowhere"))

    channel = open_channel(connection)
    declare(channel, "steady", durable=True)
    other = connect()
    theirs = open_channel(other)
    exclusive = declare(theirs, "theirs", exclusive=True)
    refused("queue.declare", "steady", lambda channel: channel.queue_declare("steady"))
    refused("queue.purge", exclusive, lambda channel: channel.queue_purge(exclusive))

    # what wants no answer is told before it fails; only the close says why
    one_way("basic.publish", "gone/key")
    refused("basic.publish", None, lambda channel: channel.basic_publish("gone", "key", b"hello"))
    one_way("basic.ack")
    refused("basic.ack", None, lambda channel: channel.basic_ack(77))
    close(other, 1)
    close(connection, 1)

    for code, parameters in (
        (530, {"virtual_host": "elsewhere", "credentials": credentials}),
        (403, {"credentials": pika.PlainCredentials("guest", "secret")}),
    ):
        try:
            pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", 5672, **parameters))
            sys.exit("it was let in")
        except AMQPConnectionError as error:
            assert f"({code})" in str(error), error
            tell("connection.start")
            if code == 530:
                tell("connection.tune")
                tell("connection.open", "elsewhere", fault(code), "warning")
            tell("connection.close", "*", fault(code), "warning")


def tls():
    """Nothing of what is said on the encrypted connection is to be told."""
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    hidden = pika.BlockingConnection(
        pika.ConnectionParameters(
            "127.0.0.1", 5671, credentials=credentials, ssl_options=pika.SSLOptions(context)
        )
    )
    hidden.channel().queue_declare("hidden")
    connection = connect()
    channel = open_channel(connection)
    declare(channel, "plain")
    close(connection, 1)
    hidden.close()


print(f"# a client of RabbitMQ (python3-pika {pika.__version__}): what it asked, what it was answered")
{"work": work, "confirms": confirms, "faults": faults, "tls": tls}[part]()
