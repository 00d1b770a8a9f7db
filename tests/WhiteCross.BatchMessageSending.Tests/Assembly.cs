using WhiteCross.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(RedisServer))]

// Each test has services, sidecars and a store of its own, and waits four seconds of five: for chunks, an engine that keeps silent, leases, redeliveries.
[assembly: Parallelization(Mode = ParallelMode.All, MaxThreads = 6)]
