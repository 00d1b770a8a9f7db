namespace WhiteCross.Sidecar.Resources;

/// <summary>Where sidecars of one machine find each other: a SQLite file that each keeps its address in, as Dapr's component <c>sqlite</c> does.</summary>
/// <param name="ConnectionString">The file's path, relative to the working directory, or a <c>file:</c> URI.</param>
public sealed record NameResolutionConfiguration(string ConnectionString)
{
    /// <summary>The table of addresses. Default: hosts.</summary>
    public string TableName { get; init; } = "hosts";

    /// <summary>How long an address counts after its sidecar last wrote it. Default: 5 s; at least 1 s longer than <see cref="Timeout"/>.</summary>
    public TimeSpan UpdateInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the file may be locked by another sidecar. Default: 1 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);
}
