using System.ComponentModel.DataAnnotations;

namespace WhiteCross.MessageDelivery;

/// <summary>How several instances of the service serve users together. Section <c>Live</c>.</summary>
internal sealed class LiveOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Live";

    /// <summary>
    /// The Redis over which instances share pushes and presence, in StackExchange.Redis' form, for example <c>redis:6379,password=…</c>. Default: none,
    /// for one instance; with more, a user who is connected to one of them would be away to the others.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>
    /// For how long a connection counts without a sign of life from its instance, 2 s–10 min. Default: 1 min. Renewed three times in that time; after an
    /// instance died, its users count as present for so long, and are not notified.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan PresenceLease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// After how long a client that gives no sign of life is cut off and counts as away, 5 s–10 min. Default: 30 s. SignalR's clients give one every 15 s
    /// unless they are told otherwise; keep this at twice their interval.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:10:00")]
    public TimeSpan ClientTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
