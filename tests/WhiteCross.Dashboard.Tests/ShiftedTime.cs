namespace WhiteCross.Dashboard.Tests;

/// <summary>The real time, moved back: so that an hour's work can be put on record before a test begins.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Back { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - Back;
}
