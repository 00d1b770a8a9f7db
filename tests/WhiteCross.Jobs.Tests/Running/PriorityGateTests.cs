using CsCheck;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;

namespace WhiteCross.Jobs.Tests.Running;

public sealed class PriorityGateTests
{
    private static readonly TimeSpan Ageing = TimeSpan.FromSeconds(10);

    [Fact]
    public void The_most_urgent_goes_first_and_among_equals_the_first_come()
    {
        var gate = new PriorityGate<string>(Ageing);
        string[] arrivals = ["low 1", "normal 1", "critical 1", "high 1", "low 2", "critical 2", "normal 2", "high 2"];
        foreach (var arrival in arrivals)
        {
            gate.Enqueue(arrival, Enum.Parse<JobPriority>(arrival.Split(' ')[0], ignoreCase: true), TimeSpan.Zero);
        }

        var served = new List<string>();
        while (gate.TryTake(TimeSpan.Zero, out var next))
        {
            served.Add(next);
        }

        Assert.Equal(["critical 1", "critical 2", "high 1", "high 2", "normal 1", "normal 2", "low 1", "low 2"], served);
        Assert.Equal(0, gate.Count);
    }

    [Fact]
    public void Something_low_is_served_within_three_times_the_ageing_under_endless_critical_load()
    {
        var gate = new PriorityGate<string>(Ageing);
        gate.Enqueue("low", JobPriority.Low, TimeSpan.Zero);
        var now = TimeSpan.Zero;
        for (; now < TimeSpan.FromMinutes(5); now += TimeSpan.FromSeconds(1))
        {
            // One comes, one goes: without ageing LOW would never be served.
            gate.Enqueue("critical", JobPriority.Critical, now);
            Assert.True(gate.TryTake(now, out var served));
            if (served == "low")
            {
                break;
            }
        }

        Assert.InRange(now, Ageing * 2, (Ageing * 3) + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Nothing_is_lost_and_nobody_waits_beyond_the_bound()
    {
        var arrival = Gen.Select(Gen.Enum<JobPriority>(), Gen.Int[0, 3_000]);
        Gen.Select(arrival.List[1, 60], Gen.Int[100, 5_000]).Sample((arrivals, ageing) =>
        {
            var gate = new PriorityGate<int>(TimeSpan.FromMilliseconds(ageing));
            var now = TimeSpan.Zero;
            var enqueued = new List<(JobPriority Priority, TimeSpan At)>();
            var served = new List<int>();
            foreach (var (priority, pause) in arrivals)
            {
                now += TimeSpan.FromMilliseconds(pause);
                gate.Enqueue(enqueued.Count, priority, now);
                enqueued.Add((priority, now));
                if (pause % 2 == 0 && gate.TryTake(now, out var taken))
                {
                    served.Add(taken);

                    // Whoever was passed over although older by three times the ageing would have been equal in level and first in line.
                    Assert.DoesNotContain(
                        enqueued.Select((entry, index) => (entry, index)),
                        waiting => !served.Contains(waiting.index) && waiting.entry.At < enqueued[taken].At && now - waiting.entry.At > TimeSpan.FromMilliseconds(3 * ageing));
                }
            }

            while (gate.TryTake(now, out var rest))
            {
                served.Add(rest);
            }

            Assert.Equal(enqueued.Count, served.Distinct().Count());
        });
    }
}
