using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>
/// The way of a message: pending → sent → delivered → read, steps may be skipped, never backwards; failed from pending or sent only. The order of the
/// statuses' numbers is the order of the way, with failed behind all; they are stored.
/// </summary>
internal static class MessageStatusRules
{
    /// <summary>A message moves to a status from any status below this one, and from no other.</summary>
    /// <param name="to">Where to.</param>
    public static MessageStatus Bound(MessageStatus to) => to == MessageStatus.Failed ? MessageStatus.Delivered : to;

    /// <summary>Whether a message may move.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="to">Where to.</param>
    public static bool CanMove(MessageStatus from, MessageStatus to) => from < Bound(to);

    /// <summary>Whether a message that may not move is there already, or beyond: then there is nothing to do, and nothing wrong.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="to">Where to.</param>
    public static bool HasReached(MessageStatus from, MessageStatus to) =>
        from == to || (from != MessageStatus.Failed && to != MessageStatus.Failed && from > to);
}
