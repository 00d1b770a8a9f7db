using System.Text.Json.Serialization;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageCleanup;

/// <summary>What is kept of a clean-up in its job's record.</summary>
/// <param name="CleanupType">What was removed.</param>
/// <param name="DryRun">Whether it was only counted.</param>
/// <param name="Deleted">
/// How many messages, conversations or attachments were removed; left out in a dry run. A batch whose answer was lost with its process is not in it.
/// </param>
/// <param name="WouldDelete">How many would be removed; in a dry run only.</param>
/// <param name="Batches">In how many batches; none in a dry run.</param>
/// <param name="OlderThan">What was older than this.</param>
internal sealed record CleanupResult(
    CleanupType CleanupType,
    bool DryRun,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Deleted,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? WouldDelete,
    int Batches,
    DateTimeOffset OlderThan) : IJobResult<CleanupMessagesJob>;

/// <summary>What a clean-up is to do: made by the first attempt and kept, so that a later one does not move the limit.</summary>
/// <param name="OlderThan">What is older goes.</param>
/// <param name="Total">How many there were to remove.</param>
internal sealed record CleanupPlan(DateTimeOffset OlderThan, long Total);

/// <summary>How far a clean-up has come.</summary>
/// <param name="Deleted">How many are removed.</param>
/// <param name="Batches">In how many batches.</param>
/// <param name="NextCursor">Where to go on; null at the beginning.</param>
/// <param name="IsDone">Whether nothing is left.</param>
internal sealed record CleanupState(long Deleted, int Batches, string? NextCursor, bool IsDone);
