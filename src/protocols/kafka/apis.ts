/**
 * What is read of each API's messages (https://kafka.apache.org/protocol, and the message definitions it is made of):
 * its number, name, latest version and the first flexible one (`-`: none); `>` the request up to what it is about,
 * `<` the response as far as it has error codes. All APIs up to Apache Kafka 4.2, those of ZooKeeper's days too.
 *
 *     i8 i16 i32 i64 uuid string    fields that are passed over; `i32*`: an array of them
 *     [ ... ]   an array of structures; where it is not closed, the first one is all that is read
 *     (3+)      from version 3 on; (-2): up to 2; (1-3)
 *     shown     a string that the request is about: a topic, a group, a transaction. The last one there is counts
 *     topicId   what it is about by its id; in a response, the id of the `topic` beside it
 *     error     an error code
 *     acks      0: no response is wanted
 *     wait      milliseconds: it may be answered late
 *     session   of incremental fetches: 0, or the session whose topics are not said again
 */
export const table = `
0 Produce 13 9
> string(3+) acks i32 [ shown(-12) topicId(13+)
< [ string(-12) uuid(13+) [ i32 error i64 i64(2+) i64(5+) [(8+) i32 string ] string(8+) ] ]
1 Fetch 18 12
> i32(-14) wait i32 i32(3+) i8(4+) session(7+) i32(7+)
  [ shown(-12) topicId(13+) [ i32 i32(9+) i64 i32(12+) i64(5+) i32 ] ] [(7+) string(-12) uuid(13+) i32* ] string(11+)
< i32(1+) error(7+) i32(7+) [ string(-12) uuid(13+) [ i32 error i64 i64(4+) i64(5+) [(4+) i64 i64 ] i32(11+) bytes ] ]
2 ListOffsets 11 6
> i32 i8(2+) [ shown [ i32 i32(4+) i64 i32(-0) ] ] i32(10+)
< i32(2+) [ string [ i32 error i64*(-0) i64(1+) i64(1+) i32(4+) ] ]
3 Metadata 13 9
> [ topicId(10+) shown ] i8(4+) i8(8-10) i8(8+)
< i32(3+) [ i32 string i32 string(1+) ] string(2+) i32(1+)
  [ error topic topicId(10+) i8(1+) [ i16 i32 i32 i32(7+) i32* i32* i32*(5+) ] i32(8+) ] i32(8-10) error(13+)
4 LeaderAndIsr 7 4
< error
5 StopReplica 4 2
< error
6 UpdateMetadata 8 6
< error
7 ControlledShutdown 3 3
< error
8 OffsetCommit 10 8
> shown i32(1+) string(1+) string(7+) i64(2-4) [ shown(-9) topicId(10+)
< i32(3+) [ string(-9) uuid(10+) [ i32 error ] ]
9 OffsetFetch 10 6
> shown(-7) [(-7) shown i32* ] [(8+) shown string(9+) i32(9+) [ shown(-9) topicId(10+)
< i32(3+) [(-7) string [ i32 i64 i32(5+) string error ] ] error(2-7)
  [(8+) string [ string(-9) uuid(10+) [ i32 i64 i32 string error ] ] error ]
10 FindCoordinator 6 3
> shown(-3) i8(1+) shown*(4+)
< i32(1+) error(-3) [(4+) string i32 string i32 error string ]
11 JoinGroup 9 6
> shown i32 wait(1+)
< i32(2+) error
12 Heartbeat 4 4
> shown i32 string string(3+)
< i32(1+) error
13 LeaveGroup 5 4
> shown string(-2) [(3+) string string string(5+) ]
< i32(1+) error [(3+) string string error ]
14 SyncGroup 5 4
> shown
< i32(1+) error
15 DescribeGroups 6 5
> shown*
< i32(1+) [ error
16 ListGroups 5 3
> string*(4+) string*(5+)
< i32(1+) error
17 SaslHandshake 1 -
> shown
< error
18 ApiVersions 4 3
> string(3+) string(3+)
< error
19 CreateTopics 7 5
> [ shown
< i32(2+) [ topic topicId(7+) error string(1+) i32(5+) i16(5+) [(5+) string string i8 i8 i8 ] ]
20 DeleteTopics 6 4
> shown*(-5) [(6+) shown topicId
< i32(1+) [ topic topicId(6+) error string(5+) ]
21 DeleteRecords 2 2
> [ shown
< i32 [ string [ i32 i64 error ] ]
22 InitProducerId 6 2
> shown i32 i64(3+) i16(3+) i8(6+) i8(6+)
< i32 error
23 OffsetForLeaderEpoch 4 4
> i32(3+) [ shown
< i32(2+) [ string [ error i32 i32(1+) i64 ] ]
24 AddPartitionsToTxn 5 3
> shown(-3) i64(-3) i16(-3) [(-3) shown i32* ] [(4+) shown i64 i16 i8 [ shown
< i32 error(4+) [(4+) string [ string [ i32 error ] ] ] [(-3) string [ i32 error ] ]
25 AddOffsetsToTxn 4 3
> shown
< i32 error
26 EndTxn 5 3
> shown
< i32 error
27 WriteTxnMarkers 2 1
< [ i64 [ string [ i32 error ] ] ]
28 TxnOffsetCommit 5 3
> shown string i64 i16 i32(3+) string(3+) string(3+) [ shown
< i32 [ string [ i32 error ] ]
29 DescribeAcls 3 2
> i8 shown
< i32 error
30 CreateAcls 3 2
> [ i8 shown
< i32 [ error string ]
31 DeleteAcls 3 2
> [ i8 shown
< i32 [ error
32 DescribeConfigs 4 4
> [ i8 shown
< i32 [ error
33 AlterConfigs 2 2
> [ i8 shown
< i32 [ error string i8 string ]
34 AlterReplicaLogDirs 2 2
> [ shown
< i32 [ string [ i32 error ] ]
35 DescribeLogDirs 5 2
> [ shown
< i32 error(3+) [ error
36 SaslAuthenticate 2 2
< error
37 CreatePartitions 3 2
> [ shown
< i32 [ string error string ]
38 CreateDelegationToken 3 2
< error
39 RenewDelegationToken 2 2
< error
40 ExpireDelegationToken 2 2
< error
41 DescribeDelegationToken 3 2
< error
42 DeleteGroups 2 2
> shown*
< i32 [ string error ]
43 ElectLeaders 2 2
> i8(1+) [ shown
< i32 error(1+) [ string [ i32 error string ] ]
44 IncrementalAlterConfigs 1 1
> [ i8 shown
< i32 [ error string i8 string ]
45 AlterPartitionReassignments 1 0
> i32 i8(1+) [ shown
< i32 i8(1+) error string [ string [ i32 error string ] ]
46 ListPartitionReassignments 0 0
> i32 [ shown
< i32 error
47 OffsetDelete 0 -
> shown [ shown
< error i32 [ string [ i32 error ] ]
48 DescribeClientQuotas 1 1
< i32 error
49 AlterClientQuotas 1 1
< i32 [ error
50 DescribeUserScramCredentials 0 0
< i32 error
51 AlterUserScramCredentials 0 0
< i32 [ string error string ]
52 Vote 2 0
> string i32(1+) [ shown
< error
53 BeginQuorumEpoch 1 1
> string i32(1+) [ shown
< error
54 EndQuorumEpoch 1 1
> string [ shown
< error
55 DescribeQuorum 2 0
> [ shown
< error
56 AlterPartition 3 0
> i32 i64 [ shown(-1) topicId(2+)
< i32 error
57 UpdateFeatures 2 0
< i32 error
58 Envelope 0 0
< bytes error
59 FetchSnapshot 1 0
> i32 i32 [ shown
< i32 error
60 DescribeCluster 2 0
< i32 error
61 DescribeProducers 0 0
> [ shown
< i32 [ string [ i32 error
62 BrokerRegistration 4 0
< i32 error
63 BrokerHeartbeat 2 0
< i32 error
64 UnregisterBroker 0 0
< i32 error
65 DescribeTransactions 0 0
> shown*
< i32 [ error
66 ListTransactions 2 0
< i32 error
67 AllocateProducerIds 0 0
< i32 error
68 ConsumerGroupHeartbeat 1 0
> shown
< i32 error
69 ConsumerGroupDescribe 1 0
> shown*
< i32 [ error
70 ControllerRegistration 0 0
< i32 error
71 GetTelemetrySubscriptions 0 0
< i32 error
72 PushTelemetry 0 0
< i32 error
73 AssignReplicasToDirs 0 0
< i32 error
74 ListConfigResources 1 0
< i32 error
75 DescribeTopicPartitions 0 0
> [ shown
< i32 [ error topic topicId
76 ShareGroupHeartbeat 1 0
> shown
< i32 error
77 ShareGroupDescribe 1 0
> shown*
< i32 [ error
78 ShareFetch 2 0
> shown
< i32 error string i32 [ uuid [ i32 error string error
79 ShareAcknowledge 2 0
> shown
< i32 error
80 AddRaftVoter 1 0
< i32 error
81 RemoveRaftVoter 0 0
< i32 error
82 UpdateRaftVoter 0 0
< i32 error
83 InitializeShareGroupState 0 0
> shown
< [ uuid [ i32 error string ] ]
84 ReadShareGroupState 0 0
> shown
< [ uuid [ i32 error
85 WriteShareGroupState 1 0
> shown
< [ uuid [ i32 error string ] ]
86 DeleteShareGroupState 0 0
> shown
< [ uuid [ i32 error string ] ]
87 ReadShareGroupStateSummary 1 0
> shown
< [ uuid [ i32 error
88 StreamsGroupHeartbeat 0 0
> shown
< i32 error
89 StreamsGroupDescribe 0 0
> shown*
< i32 [ error
90 DescribeShareGroupOffsets 1 0
> [ shown
< i32 [ string [ string uuid [ i32 i64 i32 i64(1+) error string ] ] error string ]
91 AlterShareGroupOffsets 0 0
> shown
< i32 error
92 DeleteShareGroupOffsets 0 0
> shown
< i32 error
`
