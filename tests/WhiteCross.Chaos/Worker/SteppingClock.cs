namespace WhiteCross.Chaos.Worker;

/// <summary>The system's clock, whose hands somebody moves: the time of day jumps; timers and measured times go on as on a real machine.</summary>
internal sealed class SteppingClock : TimeProvider
{
    /// <summary>Where a process is told how far off its time of day is: <c>POST …?seconds=30</c>.</summary>
    public const string Path = "/chaos/clock";

    private long _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _offset));

    public void StepTo(TimeSpan offset) => Volatile.Write(ref _offset, offset.Ticks);
}
