using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Tests.Running;

public sealed class WakeSignalTests
{
    [Fact]
    public async Task Less_than_a_millisecond_is_waited_for_too()
    {
        // A system's timer cuts off the parts of a millisecond: less than one is not at all.
        var time = new TimersSeen();
        await new WakeSignal().WaitAsync(TimeSpan.FromMicroseconds(300), time, TestContext.Current.CancellationToken);
        await new WakeSignal().WaitAsync(TimeSpan.FromMicroseconds(2_100), time, TestContext.Current.CancellationToken);

        Assert.Equal([TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(3)], time.Due);
    }

    private sealed class TimersSeen : TimeProvider
    {
        public List<TimeSpan> Due { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Due.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
