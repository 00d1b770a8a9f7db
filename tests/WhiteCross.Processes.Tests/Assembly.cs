using WhiteCross.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(RedisServer))]

// A whole system is fourteen processes; two at once leave none of them enough of a small machine.
[assembly: Parallelization(Mode = ParallelMode.None)]
