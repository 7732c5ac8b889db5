"""A cluster of librdkafka's own mock brokers. Prints where it listens, and is told on standard input what to do:

    topic NAME PARTITIONS
    errors API CODE ...             what the next requests of an API (its number) are answered
    topic-error NAME CODE           what metadata says of a topic
    leader NAME PARTITION BROKER
    api API MIN MAX                 versions that it offers

It says `ok` to each, and ends with the input.
"""

import ctypes
import sys

kafka = ctypes.CDLL('librdkafka.so.1')
for name in 'conf_new', 'new', 'mock_cluster_new', 'mock_cluster_bootstraps':
    getattr(kafka, f'rd_kafka_{name}').restype = ctypes.c_void_p
error = ctypes.create_string_buffer(512)
conf = ctypes.c_void_p(kafka.rd_kafka_conf_new())
kafka.rd_kafka_conf_set(conf, b'debug', b'mock', error, 512)
client = ctypes.c_void_p(kafka.rd_kafka_new(0, conf, error, ctypes.c_size_t(512)))
cluster = ctypes.c_void_p(kafka.rd_kafka_mock_cluster_new(client, int(sys.argv[1])))
print(ctypes.string_at(kafka.rd_kafka_mock_cluster_bootstraps(cluster)).decode(), flush=True)


def do(what, *words):
    if what == 'topic':
        return kafka.rd_kafka_mock_topic_create(cluster, words[0].encode(), int(words[1]), 1)
    if what == 'topic-error':
        return kafka.rd_kafka_mock_topic_set_error(cluster, words[0].encode(), int(words[1]))
    if what == 'leader':
        name, partition, broker = words
        return kafka.rd_kafka_mock_partition_set_leader(
            cluster, name.encode(), int(partition), int(broker)
        )
    if what == 'api':
        return kafka.rd_kafka_mock_set_apiversion(cluster, *(ctypes.c_int16(int(w)) for w in words))
    api, *codes = map(int, words)
    errors = (ctypes.c_int * len(codes))(*codes)
    return kafka.rd_kafka_mock_push_request_errors_array(
        cluster, ctypes.c_int16(api), ctypes.c_size_t(len(codes)), errors
    )


for line in sys.stdin:
    do(*line.split())
    print('ok', flush=True)
