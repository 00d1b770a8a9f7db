namespace WhiteCross.TestRun;

/// <summary>
/// Which modules share the machine, and which have it to themselves afterwards: those that measure time or fill it. Everywhere else a busy machine makes a
/// test slower, and never makes it fail.
/// </summary>
internal static class Plan
{
    // The longest ones first, or the run would end with one of them while the other processors have nothing to do. A module that is not named comes after.
    private static readonly string[] LongestFirst =
    [
        "Dashboard", "BatchMessageSending", "MessageDelivery", "Sidecar", "EndToEnd", "MessageNotification", "Cli", "Access", "Deploy", "Gateway", "MessageIndexing",
        "Conformance", "MessageEncryption", "Jobs", "MessageCleanup", "Jobs.Redis", "Jobs.Client",
    ];

    // Processes: two systems of up to fourteen processes at a time, which are killed and start again, are all that two processors can do.
    private static readonly string[] Alone = ["Processes", "Jobs.Dapr", "Chaos"];

    /// <summary>All that are named here.</summary>
    public static IEnumerable<string> Named => [.. LongestFirst, .. Alone];

    /// <summary>Those that run several at once, in the order in which they start.</summary>
    public static IEnumerable<TestModule> Together(IEnumerable<TestModule> modules) =>
        modules.Where(module => !Alone.Contains(module.Name)).OrderBy(module => Array.IndexOf(LongestFirst, module.Name) is var place && place < 0 ? int.MaxValue : place);

    /// <summary>Those that run after them, one at a time.</summary>
    public static IEnumerable<TestModule> OneByOne(IEnumerable<TestModule> modules) => modules.Where(module => Alone.Contains(module.Name));
}
