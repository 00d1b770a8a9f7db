using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageDelivery;

/// <summary>How messages are delivered. Section <c>Delivery</c>.</summary>
public sealed class DeliveryOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Delivery";

    /// <summary>
    /// What counts as delivered. Default: <see cref="DeliveredOn.Push"/>. With <see cref="DeliveredOn.Acknowledgement"/> a pushed message stays
    /// <c>sent</c> until a device says that it has it, which is the stricter proof: a push to a connection that just broke is lost without notice.
    /// </summary>
    public DeliveredOn DeliveredOn { get; set; } = DeliveredOn.Push;

    /// <summary>Whether encrypted messages are indexed for search, which keeps their words in the clear in the index. Default: false.</summary>
    public bool IndexEncrypted { get; set; }

    /// <summary>The title of the notification that a recipient gets who is not connected; 1–200 characters. Default: <c>New message</c>.</summary>
    [Required, StringLength(200)]
    public string NotificationTitle { get; set; } = "New message";

    /// <summary>What that notification says; never what the message says. 1–1,000 characters. Default: <c>You have a new message.</c></summary>
    [Required, StringLength(1000)]
    public string NotificationText { get; set; } = "You have a new message.";
}

/// <summary>What counts as delivered.</summary>
public enum DeliveredOn
{
    /// <summary>The push went to at least one connection, or a device acknowledged the message.</summary>
    Push,

    /// <summary>A device acknowledged the message.</summary>
    Acknowledgement,
}
