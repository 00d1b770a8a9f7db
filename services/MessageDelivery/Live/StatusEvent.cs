using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageDelivery;

/// <summary>Tells a sender how far a message has come: the hub's <c>status</c>.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="Status">Where it is now.</param>
/// <param name="At">Since when.</param>
/// <param name="RecipientId">With which recipient; null for all of them at once.</param>
internal sealed record StatusEvent(Guid MessageId, MessageStatus Status, DateTimeOffset At, Guid? RecipientId);
