using System.Text.Json.Serialization;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>What a batch's workflow carries from turn to turn: numbers only, whatever the batch's size.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="JobId">Its job.</param>
internal sealed record BatchRun(Guid BatchId, string JobId)
{
    /// <summary>The plan, once there is one.</summary>
    public BatchPlan? Plan { get; init; }

    /// <summary>The chunk that is next, from 0.</summary>
    public int NextChunk { get; init; }

    /// <summary>Recipients that have been dealt with.</summary>
    public int Processed { get; init; }

    /// <summary>Those of them that could not be sent to.</summary>
    public int Failed { get; init; }
}

/// <summary>How a batch is sent.</summary>
/// <param name="RecipientCount">How many recipients it has.</param>
/// <param name="ChunkSize">Messages in a chunk.</param>
/// <param name="ChunkDelay">The pause between chunks, in milliseconds.</param>
/// <param name="Parallel">Chunks that are sent at the same time.</param>
/// <param name="Error">Why it can never be sent; null when it can.</param>
/// <param name="FirstChunk">The chunk with which it goes on where it was cancelled before, from 0.</param>
internal sealed record BatchPlan(int RecipientCount, int ChunkSize, int ChunkDelay, int Parallel, string? Error = null, int FirstChunk = 0)
{
    /// <summary>How many chunks it has.</summary>
    public int ChunkCount => (RecipientCount + ChunkSize - 1) / Math.Max(ChunkSize, 1);
}

/// <summary>What a running batch shows: the workflow's custom status.</summary>
/// <param name="Chunk">The chunk that is next, from 0.</param>
/// <param name="Chunks">How many there are.</param>
/// <param name="Processed">Recipients that have been dealt with.</param>
/// <param name="Total">All recipients.</param>
/// <param name="Failed">Those that could not be sent to.</param>
internal sealed record BatchProgress(int Chunk, int Chunks, int Processed, int Total, int Failed);

/// <summary>A chunk to send.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="Chunk">The chunk, from 0.</param>
internal sealed record ChunkToSend(Guid BatchId, int Chunk);

/// <summary>What came of a chunk.</summary>
/// <param name="Processed">Recipients that have been dealt with.</param>
/// <param name="Failed">Those of them that could not be sent to.</param>
/// <param name="IsCancelled">Whether nothing was sent because the batch's job has been cancelled.</param>
internal sealed record ChunkSent(int Processed, int Failed, bool IsCancelled = false);

/// <summary>A batch's end.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Processed">Recipients that have been dealt with.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="NextChunk">The chunk with which another run would go on, from 0: all before it have been sent.</param>
internal sealed record BatchEnd(
    Guid BatchId, BatchStatus Status, int Processed, string? Reason = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int NextChunk = 0);

/// <summary>What is kept of a batch in its job's record.</summary>
/// <param name="BatchId">The batch, and its workflow's instance.</param>
/// <param name="Status">How it ended.</param>
/// <param name="RecipientCount">How many recipients it has.</param>
/// <param name="ProcessedCount">How many have been dealt with: sent to, or found that they cannot be.</param>
/// <param name="FailedCount">To how many no message could be sent or delivered until then.</param>
/// <param name="FailedRecipients">Which ones; the first 500.</param>
/// <param name="SentAt">When the last message was sent.</param>
/// <param name="Reason">Why it failed; null when it did not.</param>
/// <param name="QueuedCount">How many of its messages were still on the way, and go out; for a batch that was cancelled or failed.</param>
/// <param name="RecalledCount">How many of its messages had not begun and were recalled when it was cancelled.</param>
internal sealed record BatchResult(
    Guid BatchId,
    BatchStatus Status,
    int RecipientCount,
    int ProcessedCount,
    int FailedCount,
    IReadOnlyList<Guid> FailedRecipients,
    DateTimeOffset? SentAt,
    string? Reason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int QueuedCount = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int RecalledCount = 0) : IJobResult<BatchSendJob>;
