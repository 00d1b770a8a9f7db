namespace WhiteCross.Sidecar.Workflows.Storage;

/// <summary>
/// Where the workflow instances of one app are kept. Changes to several instances are one: all happen, or none. Events are opaque here.
/// </summary>
public interface IWorkflowStore
{
    /// <summary>Reads an instance; null when there is none.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<StoredInstance?> LoadAsync(string instanceId, CancellationToken cancellationToken);

    /// <summary>The ids of all instances, in order.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The ids of the instances that have not ended.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<string>> ListLiveAsync(CancellationToken cancellationToken);

    /// <summary>Makes changes, all or none.</summary>
    /// <param name="changes">The changes, one an instance.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when an instance is not at its expected version; then nothing was changed.</returns>
    Task<bool> ApplyAsync(IReadOnlyList<InstanceChange> changes, CancellationToken cancellationToken);
}

/// <summary>An instance, as it is stored.</summary>
/// <param name="Version">Grows with each change.</param>
/// <param name="State">What is known about it.</param>
/// <param name="History">What has happened, oldest first.</param>
/// <param name="Inbox">What has happened and no turn has seen yet, oldest first.</param>
public sealed record StoredInstance(long Version, byte[] State, IReadOnlyList<byte[]> History, IReadOnlyList<byte[]> Inbox);

/// <summary>A change to one instance.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="ExpectedVersion">Its version before; 0: there is none yet.</param>
public sealed record InstanceChange(string InstanceId, long ExpectedVersion)
{
    /// <summary>It is deleted; the rest of the change does not matter.</summary>
    public bool Deletes { get; init; }

    /// <summary>Whether it has ended, after the change.</summary>
    public bool IsOver { get; init; }

    /// <summary>What is known about it.</summary>
    public byte[] State { get; init; } = [];

    /// <summary>The history is emptied first.</summary>
    public bool ClearsHistory { get; init; }

    /// <summary>The inbox is emptied first.</summary>
    public bool ClearsInbox { get; init; }

    /// <summary>Added to the end of the history.</summary>
    public IReadOnlyList<byte[]> History { get; init; } = [];

    /// <summary>How many events leave the inbox, the oldest first.</summary>
    public int TakesFromInbox { get; init; }

    /// <summary>Added to the end of the inbox.</summary>
    public IReadOnlyList<byte[]> Inbox { get; init; } = [];
}
