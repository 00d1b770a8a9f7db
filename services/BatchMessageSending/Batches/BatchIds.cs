using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.BatchMessageSending;

/// <summary>
/// The ids of a batch and its messages. All follow from what is given, so that whatever is repeated, after a crash or by hand, is found to be there
/// already and sends nothing twice.
/// </summary>
internal static class BatchIds
{
    /// <summary>The batch's id, which is its workflow instance's too: the one that the job names, or one made of the job's id.</summary>
    /// <param name="jobId">The batch's job.</param>
    /// <param name="batchId">The id that the job names; null when it names none.</param>
    public static Guid Batch(string jobId, Guid? batchId) => batchId ?? BatchSendJob.BatchIdOf(jobId);

    /// <summary>The batch's id by its job's record.</summary>
    /// <param name="job">The record.</param>
    public static Guid Of(JobRecord job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return Batch(
            job.JobId,
            job.Data.ValueKind == JsonValueKind.Object
                && job.Data.EnumerateObject().FirstOrDefault(member => member.Name.Equals("batchId", StringComparison.OrdinalIgnoreCase)).Value is { ValueKind: JsonValueKind.String } id
                && id.TryGetGuid(out var named)
                    ? named
                    : null);
    }

    /// <summary>The id of the message to a recipient.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="recipientId">The recipient.</param>
    public static Guid Message(Guid batchId, Guid recipientId) => MadeIds.Make("message", $"{batchId}:{recipientId}");

    /// <summary>The job that sends the message to a recipient.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="recipientId">The recipient.</param>
    public static string MessageJob(Guid batchId, Guid recipientId) => $"{batchId}:{recipientId}";

    /// <summary>The conversation of two users, whichever of them writes, where none is named.</summary>
    /// <param name="one">One of them.</param>
    /// <param name="other">The other.</param>
    public static Guid Conversation(Guid one, Guid other) =>
        one.CompareTo(other) < 0 ? MadeIds.Make("conversation", $"{one}:{other}") : MadeIds.Make("conversation", $"{other}:{one}");
}
