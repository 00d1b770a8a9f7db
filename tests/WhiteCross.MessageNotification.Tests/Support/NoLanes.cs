using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>Lanes that nobody looks into.</summary>
internal sealed class NoLanes : ILaneInspector
{
    public Task<IReadOnlyDictionary<JobPriority, TimeSpan>> GetOldestEventsAsync(string queue, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<JobPriority, TimeSpan>>(new Dictionary<JobPriority, TimeSpan>());

    public Task<long> TrimAsync(string topic, CancellationToken cancellationToken) => Task.FromResult(0L);
}
