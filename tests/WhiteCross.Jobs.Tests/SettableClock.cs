using Microsoft.Extensions.Time.Testing;

namespace WhiteCross.Jobs.Tests;

/// <summary>A clock on the wall that can be set, and time that goes on evenly behind it, as a machine's does when its clock is set.</summary>
internal sealed class SettableClock : TimeProvider
{
    private readonly FakeTimeProvider _even = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private TimeSpan _set;

    public override long TimestampFrequency => _even.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _even.GetUtcNow() + _set;

    public override long GetTimestamp() => _even.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _even.CreateTimer(callback, state, dueTime, period);

    /// <summary>Lets time go by.</summary>
    public void Advance(TimeSpan time) => _even.Advance(time);

    /// <summary>Sets the clock forward or back.</summary>
    public void Set(TimeSpan by) => _set += by;
}
