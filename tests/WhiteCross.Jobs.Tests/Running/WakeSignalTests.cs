using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Tests.Running;

public sealed class WakeSignalTests
{
    [Fact]
    public async Task Less_than_a_millisecond_is_waited_for_too()
    {
        var time = new FakeTimeProvider();
        var wait = new WakeSignal().WaitAsync(TimeSpan.FromMicroseconds(300), time, TestContext.Current.CancellationToken);
        Assert.False(wait.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await wait);
    }
}
