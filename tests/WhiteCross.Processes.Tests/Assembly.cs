using Xunit.Sdk;
using Xunit.v3;

// A small machine has not enough for two systems of fourteen processes at once.
[assembly: Parallelization(Mode = ParallelMode.None)]
