using System.Security.Cryptography;
using System.Text;

namespace WhiteCross.Jobs.Redis;

/// <summary>A Lua script of this assembly, put together from its parts, with the hash that Redis knows it by.</summary>
internal sealed class QueueScript
{
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
#pragma warning disable CA5350 // SHA-1 is how Redis names scripts; nothing rests on its strength.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    public static QueueScript Add { get; } = OnQueue("add");

    public static QueueScript Begin { get; } = OnQueue("begin");

    public static QueueScript Renew { get; } = OnQueue("renew", "write");

    public static QueueScript Report { get; } = OnQueue("report", "write");

    public static QueueScript Finish { get; } = OnQueue("finish", "write");

    public static QueueScript Steps { get; } = OnQueue("steps");

    public static QueueScript TakeDue { get; } = OnQueue("take-due");

    public static QueueScript ConfirmPublished { get; } = OnQueue("confirm-published");

    public static QueueScript RequestEvents { get; } = OnQueue("request-events");

    public static QueueScript Reconcile { get; } = OnQueue("reconcile");

    public static QueueScript RecoverStalled { get; } = OnQueue("recover-stalled");

    public static QueueScript TakeDeadLetters { get; } = OnQueue("take-dead-letters", "record");

    public static QueueScript ConfirmDeadLetters { get; } = OnQueue("confirm-dead-letters");

    public static QueueScript FailUndeliverable { get; } = OnQueue("fail-undeliverable");

    public static QueueScript Get { get; } = OnQueue("get", "record");

    public static QueueScript States { get; } = OnQueue("states");

    public static QueueScript List { get; } = OnQueue("list", "record");

    public static QueueScript Change { get; } = OnQueue("change");

    public static QueueScript RetryAll { get; } = OnQueue("retry-all");

    public static QueueScript Pause { get; } = OnQueue("pause");

    public static QueueScript Clean { get; } = OnQueue("clean");

    public static QueueScript Trim { get; } = OnQueue("trim", "late");

    public static QueueScript Metrics { get; } = OnQueue("metrics", "late");

    public static QueueScript History { get; } = OnQueue("history");

    public static QueueScript ReportWorker { get; } = OnQueue("report-worker");

    public static QueueScript ListWorkers { get; } = OnQueue("list-workers");

    public static QueueScript Replace { get; } = new("replace");

    public static QueueScript AddHealthChange { get; } = new("add-health-change");

    public static QueueScript LaneMarks { get; } = new("lane-marks");

    public static QueueScript LaneTrim { get; } = new("lane-trim");

    /// <summary>The script's name: its file's.</summary>
    public string Name { get; }

    public string Text { get; }

    public byte[] Hash { get; }

    private static QueueScript OnQueue(string name, params ReadOnlySpan<string> parts) => new(name, ["prelude", .. parts]);

    private static string Read(string name)
    {
        using var stream = typeof(QueueScript).Assembly.GetManifestResourceStream($"{name}.lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in this assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
