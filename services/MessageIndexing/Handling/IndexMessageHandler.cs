using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageIndexing;

/// <summary>
/// Takes a message into the index, changes it there, or takes it out. Late and repeated events undo nothing newer. What the job carries is indexed: a
/// message that is stored encrypted gets here, in the clear, only if its publisher was allowed to index it (MessageDelivery:
/// <c>Delivery:IndexEncrypted</c>, off by default).
/// </summary>
internal sealed class IndexMessageHandler(IndexWriter writer, IndexRebuild rebuild, TimeProvider time) : IJobHandler<IndexMessageJob>
{
    /// <summary>Members as they are kept: in one order, so that the same ones are the same text.</summary>
    internal static string? MembersOf(IReadOnlyList<Guid>? members) =>
        members is { Count: > 0 } ? string.Join(',', members.Distinct().Order().Select(member => member.ToString("D"))) : null;

    /// <inheritdoc/>
    public async Task<JobOutcome> HandleAsync(Job<IndexMessageJob> job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);

        var data = job.Data;
        if (data.Operation.IsOfWholeIndex())
        {
            return await rebuild.RunAsync(job, cancellationToken);
        }

        var now = time.GetUtcNow();
        var createdAt = data.CreatedAt ?? job.Info.CreatedAt;
        var effect = await writer.WriteAsync(
            // A publisher's clock that is ahead must not make its event the newest for days.
            new IndexEvent(data.MessageId, data.Operation, createdAt < now ? createdAt : now)
            {
                Content = data.Operation == IndexOperation.Delete ? null : data.Content,
                SenderId = data.SenderId,
                RecipientId = data.RecipientId,
                Members = MembersOf(data.MemberIds),
                ConversationId = data.ConversationId,
                MessageTimestamp = data.MessageTimestamp?.ToUniversalTime(),
            },
            cancellationToken);
        return new JobOutcome.Completed(new IndexMessageResult(data.MessageId, effect != IndexEffect.None));
    }
}

/// <summary>What is kept of an indexing in its job's record.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Changed">Whether the index is another than before: false for what came late or again.</param>
internal sealed record IndexMessageResult(Guid MessageId, bool Changed) : IJobResult<IndexMessageJob>;
