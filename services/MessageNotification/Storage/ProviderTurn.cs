namespace WhiteCross.MessageNotification;

/// <summary>When a provider with a rate may be asked next, by whichever instance.</summary>
internal sealed class ProviderTurn
{
    /// <summary>Which provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The first free turn, in ticks of UTC: a rate may be of thousands a second.</summary>
    public required long NextAt { get; init; }
}
