namespace WhiteCross.Jobs.Store;

/// <summary>Which job store a service has.</summary>
public sealed class JobStoreOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "JobStore";

    /// <summary>
    /// Where jobs are kept. <c>Memory</c> forgets them with the process and shares them with no other: for development, where one service runs alone. Default: <c>Redis</c>.
    /// </summary>
    public JobStoreKind Kind { get; set; } = JobStoreKind.Redis;
}

/// <summary>Where jobs are kept.</summary>
public enum JobStoreKind
{
    /// <summary>On Redis, for all instances of all services.</summary>
    Redis,

    /// <summary>In the memory of this process, as long as it lives.</summary>
    Memory,
}
