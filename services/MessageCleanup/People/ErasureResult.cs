using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageCleanup;

/// <summary>What an erasure leaves in its job's record: the report of what was removed, by kind.</summary>
/// <param name="CleanupType">person.</param>
/// <param name="DryRun">Whether it was only counted.</param>
/// <param name="Messages">Messages that the person wrote, or that went to nobody else; with them their entries in the search index and their notifications.</param>
/// <param name="Copies">The person's copies of messages that others have too.</param>
/// <param name="Attachments">Attachments that the person uploaded.</param>
/// <param name="Conversations">Conversations that the person was a member of.</param>
/// <param name="Notifications">Notifications of the person.</param>
/// <param name="Devices">Devices that pushes went to.</param>
/// <param name="Contacts">Addresses for e-mail and SMS.</param>
/// <param name="Preferences">Whether there were preferences.</param>
/// <param name="Jobs">Jobs, of any queue, whose data named the person or one of the messages.</param>
/// <param name="Batches">Batches that are still being sent, to the person among others, and stay until their retention.</param>
/// <param name="Held">Messages, attachments and conversations that stay, since a legal hold on a conversation or on somebody else keeps them.</param>
internal sealed record ErasureResult(
    CleanupType CleanupType,
    bool DryRun,
    long Messages,
    long Copies,
    long Attachments,
    long Conversations,
    long Notifications,
    long Devices,
    long Contacts,
    long Preferences,
    long Jobs,
    long Batches,
    long Held) : IJobResult<CleanupMessagesJob>
{
    /// <summary>The person's addresses on the suppression list, of which only hashes are left: nothing is sent there as before.</summary>
    public long Suppressions { get; init; }
}

/// <summary>How far a part of an erasure has come.</summary>
internal sealed record ErasureState(long Erased, long Copies, long Held, long? Position, Guid? Last, bool IsDone)
{
    public static readonly ErasureState Begin = new(0, 0, 0, null, null, IsDone: false);
}
