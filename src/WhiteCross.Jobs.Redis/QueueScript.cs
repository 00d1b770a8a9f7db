using System.Text;

namespace WhiteCross.Jobs.Redis;

/// <summary>A Lua script of this assembly, put together from its parts.</summary>
internal sealed class QueueScript : RedisScript
{
    // A script that has written goes on writing though Redis has no memory left: a write that needs none, in front of all others, lets it.
    private const string WriteFirst = "redis.call('UNLINK', KEYS[1] .. 'none')\n";

    private QueueScript(string name, params ReadOnlySpan<string> parts)
        : base(name, Join(name, parts))
    {
    }

    public static QueueScript Add { get; } = OnQueue("add");

    /// <summary>The same, with the jobs' notes; see <see cref="JobNotes"/>.</summary>
    public static RedisScript AddWithNotes { get; } = new RedisScript("add", JobNotes.Around(Join("add", ["prelude"])));

    public static QueueScript Begin { get; } = MakingRoom("begin");

    public static QueueScript Receive { get; } = OnQueue("receive");

    public static QueueScript Hold { get; } = MakingRoom("hold");

    public static QueueScript Renew { get; } = MakingRoom("renew", "write");

    public static QueueScript Report { get; } = MakingRoom("report", "write");

    public static QueueScript Finish { get; } = MakingRoom("finish", "write");

    public static QueueScript Steps { get; } = OnQueue("steps");

    public static QueueScript TakeDue { get; } = MakingRoom("take-due");

    public static QueueScript ConfirmPublished { get; } = MakingRoom("confirm-published");

    public static QueueScript RequestEvents { get; } = MakingRoom("request-events");

    public static QueueScript Reconcile { get; } = MakingRoom("reconcile");

    public static QueueScript RecoverStalled { get; } = MakingRoom("recover-stalled");

    public static QueueScript TakeDeadLetters { get; } = MakingRoom("take-dead-letters", "record");

    public static QueueScript ConfirmDeadLetters { get; } = MakingRoom("confirm-dead-letters");

    public static QueueScript FailUndeliverable { get; } = OnQueue("fail-undeliverable");

    public static QueueScript Get { get; } = OnQueue("get", "record");

    public static QueueScript States { get; } = OnQueue("states");

    public static QueueScript List { get; } = OnQueue("list", "record");

    public static QueueScript Find { get; } = OnQueue("find", "record");

    public static QueueScript Failures { get; } = MakingRoom("failures");

    public static QueueScript ReplaceNote { get; } = Changing("replace-note");

    public static QueueScript Change { get; } = Changing("change");

    public static QueueScript RetryWith { get; } = Changing("retry-with");

    public static QueueScript Amend { get; } = MakingRoom("amend");

    public static QueueScript RetryAll { get; } = Changing("retry-all");

    public static QueueScript Pause { get; } = Changing("pause");

    public static QueueScript Clean { get; } = Changing("clean");

    public static QueueScript Trim { get; } = MakingRoom("trim", "late");

    public static QueueScript Metrics { get; } = MakingRoom("metrics", "late");

    public static QueueScript History { get; } = OnQueue("history");

    public static QueueScript ReportWorker { get; } = OnQueue("report-worker");

    public static QueueScript ListWorkers { get; } = OnQueue("list-workers");

    public static QueueScript LaneMarks { get; } = new("lane-marks");

    public static QueueScript LaneTrim { get; } = new("lane-trim");

    private static QueueScript OnQueue(string name, params ReadOnlySpan<string> parts) => new(name, ["prelude", .. parts]);

    // What operators do goes on record with it; with a full Redis too, or nobody could make room.
    private static QueueScript Changing(string name)
    {
        var text = Join(name, ["prelude"]);
        return new QueueScript(name, ["prelude"])
        {
            WhenFull = new RedisScript(name, WriteFirst + text),
            WithNote = new NotedScript(name, ChangeNote.Around(text), WriteFirst),
        };
    }

    private static QueueScript MakingRoom(string name, params ReadOnlySpan<string> parts)
    {
        string[] all = ["prelude", .. parts];
        return new QueueScript(name, all) { WhenFull = new RedisScript(name, WriteFirst + Join(name, all)) };
    }

    private sealed class NotedScript : RedisScript
    {
        public NotedScript(string name, string text, string writeFirst)
            : base(name, text)
        {
            WhenFull = new RedisScript(name, writeFirst + text);
        }
    }

    private static string Join(string name, ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(Read(typeof(QueueScript).Assembly, part)).Append('\n');
        }

        return text.Append(Read(typeof(QueueScript).Assembly, name)).ToString();
    }
}
