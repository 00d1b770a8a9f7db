using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// Makes the index from the messages that there are, part by part, each a step of its job: an interrupted one goes on where it was, and one that takes longer
/// than a run may makes way for others in between. As a check it changes nothing and counts what differs.
/// </summary>
internal sealed class IndexRebuild(IMessageSource source, IMessageIndex index, IOptions<IndexingOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Part = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Run = TimeSpan.FromSeconds(30);

    /// <summary>Runs a rebuild or a check.</summary>
    /// <param name="job">Its job.</param>
    /// <param name="cancellationToken">Ends it between two pages.</param>
    public async Task<JobOutcome> RunAsync(Job<IndexMessageJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);

        var (isCheck, started, state) = (job.Data.Operation == IndexOperation.Check, time.GetTimestamp(), new IndexComparison());
        try
        {
            for (var step = 1; !state.IsDone; step++)
            {
                if (time.GetElapsedTime(started) > Run)
                {
                    return new JobOutcome.Snooze(TimeSpan.FromMilliseconds(100), "There is more to index than one run may take.") { StartsAnew = true };
                }

                var before = state;
                state = await job.StepAsync($"part {step}", token => GoOnAsync(before, isCheck, token), cancellationToken);
                var percentage = state.Total == 0 ? 50 : Math.Min(99, 50.0 * (state.Read + state.Looked) / state.Total);
                await job.ReportProgressAsync(state.IsDone ? 100 : percentage, state.IsRead ? "look for what is gone" : "read messages");
            }
        }
        catch (HttpRequestException exception)
        {
            return new JobOutcome.Snooze(TimeSpan.FromSeconds(5), exception.Message);
        }

        return new JobOutcome.Completed(isCheck
            ? new IndexCheckResult(state.Read, state.Missing, state.Differing, state.Extra)
            : new IndexRebuildResult(state.Read, state.Missing + state.Differing, state.Extra));
    }

    private async Task<IndexComparison> GoOnAsync(IndexComparison state, bool isCheck, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        do
        {
            state = state.IsRead ? await LookAsync(state, isCheck, cancellationToken) : await ReadAsync(state, isCheck, cancellationToken);
        }
        while (!state.IsDone && time.GetElapsedTime(started) < Part);

        return state;
    }

    private async Task<IndexComparison> ReadAsync(IndexComparison state, bool isCheck, CancellationToken cancellationToken)
    {
        // What happens to a message from now on is newer than what is read of it here.
        var now = time.GetUtcNow();
        var page = await source.ReadAsync(state.Cursor, options.Value.MaxBatch, cancellationToken);
        var indexed = (await index.FindAsync([.. page.Messages.Select(message => message.MessageId)], cancellationToken)).ToDictionary(message => message.Id);
        var missing = page.Messages.Where(message => !indexed.ContainsKey(message.MessageId)).ToList();
        var differing = page.Messages.Where(message => indexed.TryGetValue(message.MessageId, out var other) && Differs(message, other)).ToList();
        if (!isCheck && missing.Count + differing.Count > 0)
        {
            await index.ApplyAsync([.. missing.Concat(differing).Select(message => EventOf(message, now))], cancellationToken);
        }

        return state with
        {
            Cursor = page.NextCursor,
            IsRead = page.NextCursor is null,
            Total = page.Total,
            Read = state.Read + page.Messages.Count,
            Missing = state.Missing + missing.Count,
            Differing = state.Differing + differing.Count,
        };
    }

    private async Task<IndexComparison> LookAsync(IndexComparison state, bool isCheck, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ids = await index.ListAsync(state.Cursor ?? Guid.Empty, options.Value.MaxBatch, cancellationToken);
        var gone = await source.MissingAsync(ids, cancellationToken);
        if (!isCheck && gone.Count > 0)
        {
            await index.ApplyAsync([.. gone.Select(id => new IndexEvent(id, IndexOperation.Delete, now))], cancellationToken);
        }

        return state with
        {
            Cursor = ids.Count > 0 ? ids[^1] : state.Cursor,
            IsDone = ids.Count < options.Value.MaxBatch,
            Looked = state.Looked + ids.Count,
            Extra = state.Extra + gone.Count,
        };
    }

    private static bool Differs(SourceMessage message, IndexedMessage indexed) =>
        indexed.Content != message.Content || indexed.SenderId != message.SenderId || indexed.RecipientId != message.RecipientId
        || indexed.ConversationId != message.ConversationId || indexed.Members != IndexMessageHandler.MembersOf(message.MemberIds);

    private static IndexEvent EventOf(SourceMessage message, DateTimeOffset at) => new(message.MessageId, IndexOperation.Update, at)
    {
        Content = message.Content,
        SenderId = message.SenderId,
        RecipientId = message.RecipientId,
        Members = IndexMessageHandler.MembersOf(message.MemberIds),
        ConversationId = message.ConversationId,
        MessageTimestamp = message.ReceivedAt,
    };
}

/// <summary>How far a rebuild or a check has come: kept with its steps.</summary>
internal sealed record IndexComparison
{
    public Guid? Cursor { get; init; }

    public bool IsRead { get; init; }

    public bool IsDone { get; init; }

    public long Total { get; init; }

    public long Read { get; init; }

    public long Looked { get; init; }

    public long Missing { get; init; }

    public long Differing { get; init; }

    public long Extra { get; init; }
}

/// <summary>What is kept of a check in its job's record.</summary>
/// <param name="Messages">How many messages there are to be indexed.</param>
/// <param name="Missing">How many of them are not in the index.</param>
/// <param name="Differing">How many are in it otherwise than they are.</param>
/// <param name="Extra">How many are in it that there are not.</param>
internal sealed record IndexCheckResult(long Messages, long Missing, long Differing, long Extra) : IJobResult<IndexMessageJob>;

/// <summary>What is kept of a rebuild in its job's record.</summary>
/// <param name="Messages">How many messages there are to be indexed.</param>
/// <param name="Written">How many were missing in the index, or were in it otherwise.</param>
/// <param name="Removed">How many were in it that there are not.</param>
internal sealed record IndexRebuildResult(long Messages, long Written, long Removed) : IJobResult<IndexMessageJob>;
