using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway.Tests;

public sealed class PeriodicServiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A call's own time-out looks like a service that stops, and is none.
    public static TheoryData<Exception> Failures => [new InvalidOperationException(), new TaskCanceledException(), new TimeoutException()];

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task Whatever_a_round_throws__the_rounds_go_on_and_it_is_told_once_until_it_works_again(Exception exception)
    {
        // Rounds 1, 2 and 4 fail.
        using var service = new Rounds(round => round is 1 or 2 or 4 ? Task.FromException(exception) : Task.CompletedTask);
        await service.StartAsync(Cancellation);
        for (var round = 1; round <= 5; round++)
        {
            await service.NextAsync(round);
        }

        Assert.Equal(["round 1: all", "round 4: all"], service.Told);
        await service.StopAsync(Cancellation);
        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_part_that_fails__keeps_no_other_from_being_done()
    {
        var done = 0;
        using var service = new Rounds(_ => Task.CompletedTask, _ => throw new InvalidOperationException(), _ => Task.FromResult(done++));
        await service.StartAsync(Cancellation);
        await service.NextAsync(1);
        await service.NextAsync(2);
        await service.NextAsync(3);

        Assert.True(done >= 2);
        Assert.Equal(["round 1: part 0"], service.Told);
        await service.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Stopped_in_the_middle_of_a_round__ends_at_once_and_tells_of_nothing()
    {
        using var service = new Rounds(Timeout.InfiniteTimeSpan);
        await service.StartAsync(Cancellation);
        await service.NextAsync(1);

        await service.StopAsync(Cancellation);

        Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Empty(service.Told);
    }

    private sealed class Rounds : PeriodicService
    {
        private readonly FakeTimeProvider _time;
        private readonly Func<int, CancellationToken, Task> _round;
        private readonly Func<CancellationToken, Task>[] _parts;
        private readonly Channel<int> _begun = Channel.CreateUnbounded<int>();
        private readonly List<string> _told = [];
        private int _number;

        public Rounds(Func<int, Task> round, params Func<CancellationToken, Task>[] parts)
            : this((number, _) => round(number), parts, new FakeTimeProvider())
        {
        }

        public Rounds(TimeSpan length)
            : this((_, token) => Task.Delay(length, token), [], new FakeTimeProvider())
        {
        }

        private Rounds(Func<int, CancellationToken, Task> round, Func<CancellationToken, Task>[] parts, FakeTimeProvider time)
            : base(TimeSpan.FromSeconds(1), time) => (_round, _parts, _time) = (round, parts, time);

        /// <summary>What was told; of the rounds before the one that was last waited for, all of it.</summary>
        public IReadOnlyList<string> Told
        {
            get
            {
                lock (_told)
                {
                    return [.. _told];
                }
            }
        }

        /// <summary>Waits for a round; the one after it may come from now on.</summary>
        public async Task NextAsync(int number)
        {
            Assert.Equal(number, await _begun.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        protected override async Task RunAsync(CancellationToken cancellationToken)
        {
            _begun.Writer.TryWrite(++_number);
            foreach (var (index, part) in _parts.Index())
            {
                await GuardAsync($"part {index}", part, cancellationToken);
            }

            await _round(_number, cancellationToken);
        }

        protected override void Failed(string what, Exception exception)
        {
            lock (_told)
            {
                _told.Add($"round {_number}: {(what.Length == 0 ? "all" : what)}");
            }
        }
    }
}
