using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageCleanup;

/// <summary>
/// Removes the jobs whose data names a person or one of the person's messages, with all that is on record of them. A job has no list of people, so all that is on record is
/// looked through; that is bounded by what queues keep.
/// </summary>
internal sealed class PersonJobs(IJobReader jobs, IJobControl control)
{
    private const int PageSize = 200;

    /// <summary>Looks through all queues.</summary>
    /// <param name="user">The person.</param>
    /// <param name="messages">The person's messages.</param>
    /// <param name="dryRun">Only counts.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    public async Task<ErasedJobs> RemoveAsync(Guid user, IReadOnlySet<Guid> messages, bool dryRun, CancellationToken cancellationToken)
    {
        var (removed, running, batches) = (0L, 0L, 0L);
        foreach (var queue in JobQueues.All.Select(queue => queue.Name).Where(name => name != JobQueues.MessageCleanup))
        {
            string? cursor = null;
            do
            {
                var page = await jobs.ListAsync(queue, new JobQuery(Limit: PageSize, Cursor: cursor, WithData: true), cancellationToken);
                foreach (var job in page.Jobs.Where(job => Names(job, user, messages)))
                {
                    if (IsOfOthersToo(job, user))
                    {
                        batches++;
                    }
                    else if (dryRun || await TryRemoveAsync(job, cancellationToken))
                    {
                        removed++;
                    }
                    else
                    {
                        running++;
                    }
                }

                cursor = page.NextCursor;
            }
            while (cursor is not null);
        }

        return new ErasedJobs(removed, running, batches);
    }

    // A job that has ended is only a record. One that has not, and is for others too, is theirs: it indexes a message of a group, or sends a batch.
    private static bool IsOfOthersToo(JobRecord job, Guid user) => job.State is not (JobState.Completed or JobState.Failed)
        && job.Type switch
        {
            JobTypes.BatchSend or JobTypes.IndexMessage => IdOf(job.Data, "senderId") != user && (job.Type == JobTypes.BatchSend || HasMembers(job.Data)),
            JobTypes.SendMessage => IdOf(job.Data, "senderId") != user && IdOf(job.Data, "recipientId") != user,
            _ => false,
        };

    private static bool HasMembers(JsonElement data) => data.TryGetProperty("memberIds", out var members) && members.ValueKind == JsonValueKind.Array;

    private static bool Names(JobRecord job, Guid user, IReadOnlySet<Guid> messages) =>
        (job.Data.ValueKind == JsonValueKind.Object && IdOf(job.Data, "messageId") is { } message && messages.Contains(message))
        || Has(job.Data, user) || (job.Result is { } result && Has(result, user)) || job.JobId.Contains(user.ToString("D"), StringComparison.OrdinalIgnoreCase);

    private static bool Has(JsonElement json, Guid user) =>
        json.ValueKind != JsonValueKind.Null && json.ValueKind != JsonValueKind.Undefined && json.GetRawText().Contains(user.ToString("D"), StringComparison.OrdinalIgnoreCase);

    private static Guid? IdOf(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) ? id : null;

    // One that runs comes to its end, and is removed then.
    private async Task<bool> TryRemoveAsync(JobRecord job, CancellationToken cancellationToken) =>
        await control.RemoveAsync(job.Queue, job.JobId, cancellationToken) != ChangeOutcome.WrongState;
}

/// <summary>What came of looking through the jobs: those that are gone, those that still run, and those that are of others too.</summary>
internal sealed record ErasedJobs(long Removed, long Running, long Batches);
