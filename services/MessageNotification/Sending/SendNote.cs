using System.Text.Json.Serialization;

namespace WhiteCross.MessageNotification;

/// <summary>What a job has on record of one thing to send.</summary>
/// <typeparam name="T">What the provider answered.</typeparam>
/// <param name="State">How far it came.</param>
/// <param name="Attempt">In which attempt.</param>
/// <param name="Round">In which life of the job: an operator who retries a failed job begins the next.</param>
/// <param name="Result">The provider's answer, once sent.</param>
internal sealed record SendNote<T>(SendState State, int Attempt, int Round, T? Result = default)
{
    /// <summary>Until when a send goes on that its run has left; null when none was left.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? GoesOnUntil { get; init; }
}

/// <summary>How far the sending came.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SendState>))]
internal enum SendState
{
    /// <summary>The provider has not got it.</summary>
    NotSent,

    /// <summary>It was on the way. Found by a later run: that run's predecessor died in the middle, and nobody knows what came of it.</summary>
    Sending,

    /// <summary>The provider has it.</summary>
    Sent,

    /// <summary>Nobody knows whether the provider has it, and the job failed for that.</summary>
    GivenUp,
}
