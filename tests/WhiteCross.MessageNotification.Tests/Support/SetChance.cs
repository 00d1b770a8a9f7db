namespace WhiteCross.MessageNotification.Tests;

/// <summary>Chance that is always the same, so that a test's times are too.</summary>
internal sealed class SetChance : Random
{
    /// <summary>From 0 to 1.</summary>
    public double Value { get; set; } = 0.5;

    public override double NextDouble() => Value;
}
