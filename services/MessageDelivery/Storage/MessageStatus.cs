using System.Text.Json.Serialization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>How far a message has come. The order of the numbers is the order of the way; they are stored, so they never change.</summary>
[JsonConverter(typeof(MessageStatusJsonConverter))]
public enum MessageStatus
{
    /// <summary>Stored, not yet handed over.</summary>
    Pending = 0,

    /// <summary>Handed over to the recipient's connections, or waiting in the recipient's inbox.</summary>
    Sent = 1,

    /// <summary>One of the recipient's devices has it.</summary>
    Delivered = 2,

    /// <summary>The recipient has read it. The end of the way.</summary>
    Read = 3,

    /// <summary>Could not be delivered. An end too: nothing leads away from here.</summary>
    Failed = 4,
}

#pragma warning disable CA1308 // lower case is the wire's form, not a normalisation
/// <summary>Message statuses in lower case.</summary>
public sealed class MessageStatusJsonConverter() : WordJsonConverter<MessageStatus>(status => status.ToString().ToLowerInvariant());
#pragma warning restore CA1308

/// <summary>The way of a message: pending → sent → delivered → read, steps may be skipped, never backwards; failed from pending or sent only.</summary>
public static class MessageStatusRules
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
