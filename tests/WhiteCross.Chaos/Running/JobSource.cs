using System.Text.Json.Nodes;
using WhiteCross.Chaos.Checking;
using WhiteCross.Chaos.Worker;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Running;

/// <summary>Makes jobs of all behaviours, in the order that belongs to a seed.</summary>
internal sealed class JobSource(int seed, TimeSpan lease)
{
    /// <summary>The beginning of ids of jobs whose event is all there is of them until a service has seen it: dropping that loses the job, as it must.</summary>
    public const string ByEventOnly = "event-";

    private static readonly Behaviour[] Behaviours =
        [Behaviour.Fast, Behaviour.Fast, Behaviour.Fast, Behaviour.Slow, Behaviour.Slow, Behaviour.FailsOnce, Behaviour.FailsAlways, Behaviour.Permanent, Behaviour.Progress, Behaviour.Steps, Behaviour.Steps];

    // Of so many jobs one misbehaves, and of so many one takes a slot for seconds.
    private const int Misbehaving = 25;
    private const int Ignoring = 200;

    private static readonly string[] Priorities = ["LOW", "NORMAL", "NORMAL", "HIGH", "CRITICAL"];

    private readonly Random _random = new(seed);
    private int _made;

    public (AcceptedJob Job, JsonObject Envelope) Next(string prefix)
    {
        var behaviour = _random.Next(Ignoring) == 0 ? Behaviour.IgnoresItsToken
            : _random.Next(Misbehaving) == 0 ? Behaviour.Misbehaves
            : Behaviours[_random.Next(Behaviours.Length)];
        var milliseconds = behaviour switch
        {
            Behaviour.Slow when _random.Next(6) == 0 => (int)(lease.TotalMilliseconds * 1.3),
            Behaviour.Slow => _random.Next(500, 1500),
            Behaviour.Progress or Behaviour.Steps => _random.Next(100, 400),
            _ => _random.Next(1, 30),
        };
        return Make(prefix, behaviour, milliseconds, Priorities[_random.Next(Priorities.Length)], _random.Next(8) == 0 ? _random.Next(100, 2000) : 0);
    }

    public (AcceptedJob Job, JsonObject Envelope) Make(string prefix, Behaviour behaviour, int milliseconds, string priority, int delay = 0)
    {
        const int attempts = 4;
        var number = Interlocked.Increment(ref _made);
        var job = new AcceptedJob($"{prefix}{number}", behaviour, attempts);
        return (job, new JsonObject
        {
            ["jobId"] = job.JobId,
            ["type"] = JobTypes.SendNotification,
            ["data"] = new JsonObject
            {
                ["recipientId"] = Guid.NewGuid().ToString(),
                ["type"] = "in_app",
                ["title"] = "chaos",
                ["message"] = "chaos",
                ["metadata"] = new JsonObject { ["behaviour"] = behaviour.ToString(), ["milliseconds"] = milliseconds, ["misdeed"] = number % Misdeeds.Count },
            },
            ["options"] = new JsonObject
            {
                ["priority"] = priority,
                ["attempts"] = attempts,
                ["delay"] = delay,
                ["timeout"] = behaviour == Behaviour.IgnoresItsToken ? 500 : 20_000,
                ["backoff"] = new JsonObject { ["type"] = "fixed", ["delay"] = 300 },
            },
        });
    }
}
