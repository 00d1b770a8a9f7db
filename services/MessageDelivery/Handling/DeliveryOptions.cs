using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageDelivery;

/// <summary>How messages are delivered. Section <c>Delivery</c>.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Delivery";

    /// <summary>
    /// What counts as delivered. Default: <see cref="DeliveredOn.Acknowledgement"/>. With <see cref="DeliveredOn.Push"/> an open connection is enough, also
    /// one of a phone that has just lost its network; then nobody is notified of what it never got.
    /// </summary>
    public DeliveredOn DeliveredOn { get; set; } = DeliveredOn.Acknowledgement;

    /// <summary>
    /// How long a connected recipient's devices have to acknowledge a message before the recipient is notified of it, 1 s–1 h. Default: 10 s. Who is not
    /// connected is notified at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan NotifyAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most members of a conversation, 2–1,000. Default: 100.</summary>
    [Range(2, 1000)]
    public int MaxMembers { get; set; } = 100;

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
internal enum DeliveredOn
{
    /// <summary>A device acknowledged the message.</summary>
    Acknowledgement,

    /// <summary>The recipient had at least one open connection when it was pushed, or a device acknowledged it.</summary>
    Push,
}
