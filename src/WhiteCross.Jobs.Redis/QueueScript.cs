using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.Jobs.Redis;

/// <summary>A Lua script of this assembly, put together from its parts, with the hash that Redis knows it by.</summary>
internal sealed class QueueScript
{
    // A script that has written goes on writing though Redis has no memory left: a write that needs none, in front of all others, lets it.
    private const string WriteFirst = "redis.call('UNLINK', KEYS[1] .. 'none')\n";

    private QueueScript(string name, params ReadOnlySpan<string> parts)
    {
        Name = name;
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(Read(part)).Append('\n');
        }

        text.Append(Read(name));
        Text = text.ToString();
        Hash = HashOf(Text);
    }

    private QueueScript(QueueScript script)
    {
        Name = script.Name;
        Text = WriteFirst + script.Text;
        Hash = HashOf(Text);
    }

    private static byte[] HashOf(string text)
    {
#pragma warning disable CA5350 // SHA-1 is how Redis names scripts; nothing rests on its strength.
        return SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    public static QueueScript Add { get; } = OnQueue("add");

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

    public static QueueScript Change { get; } = MakingRoom("change");

    public static QueueScript RetryAll { get; } = MakingRoom("retry-all");

    public static QueueScript Pause { get; } = MakingRoom("pause");

    public static QueueScript Clean { get; } = MakingRoom("clean");

    public static QueueScript Trim { get; } = MakingRoom("trim", "late");

    public static QueueScript Metrics { get; } = MakingRoom("metrics", "late");

    public static QueueScript History { get; } = OnQueue("history");

    public static QueueScript ReportWorker { get; } = OnQueue("report-worker");

    public static QueueScript ListWorkers { get; } = OnQueue("list-workers");

    public static QueueScript Replace { get; } = new("replace");

    public static QueueScript AddAudit { get; } = new("add-audit");

    public static QueueScript AddHealthChange { get; } = new("add-health-change");

    public static QueueScript LaneMarks { get; } = new("lane-marks");

    public static QueueScript LaneTrim { get; } = new("lane-trim");

    /// <summary>The script's name: its file's.</summary>
    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }

    /// <summary>
    /// The same script for a Redis without memory left, which refuses it: for what ends jobs, moves them on or removes them, without which nothing would
    /// ever make room. Null for what adds something. On every version of Redis alike: the flag <c>allow-oom</c> is unknown before 7.
    /// </summary>
    public QueueScript? WhenFull { get; private init; }

    private static QueueScript OnQueue(string name, params ReadOnlySpan<string> parts) => new(name, ["prelude", .. parts]);

    private static QueueScript MakingRoom(string name, params ReadOnlySpan<string> parts)
    {
        var script = OnQueue(name, parts);
        return new QueueScript(name, ["prelude", .. parts]) { WhenFull = new QueueScript(script) };
    }

    private static string Read(string name)
    {
        using var stream = typeof(QueueScript).Assembly.GetManifestResourceStream($"{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in this assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
