namespace WhiteCross.TestRun;

/// <summary>
/// Which modules share the machine, and which have it to themselves or in twos afterwards: those that measure time or fill it. Everywhere else a busy machine makes a
/// test slower, and never makes it fail.
/// </summary>
internal static class Plan
{
    // The longest ones first, or the run would end with one of them while the other processors have nothing to do. A module that is not named comes after.
    private static readonly string[] LongestFirst =
    [
        "Dashboard", "BatchMessageSending", "MessageDelivery", "Cli", "Access", "Gateway", "MessageNotification", "EndToEnd", "Deploy", "MessageIndexing", "Conformance",
        "Sidecar", "MessageEncryption", "Jobs", "MessageCleanup", "Jobs.Redis", "Jobs.Client",
    ];

    // Processes: two systems of up to fourteen processes at a time, which are killed and start again, are all that two processors can do.
    // Jobs.Dapr measures time and waits nine seconds of ten; Chaos leaves half of two processors idle, and what Jobs.Dapr loses beside it, it counts.
    private static readonly string[][] Afterwards = [["Processes"], ["Jobs.Dapr", "Chaos"]];

    /// <summary>All that are named here.</summary>
    public static IEnumerable<string> Named => [.. LongestFirst, .. Afterwards.SelectMany(few => few)];

    /// <summary>Those that run several at once, in the order in which they start.</summary>
    public static IEnumerable<TestModule> Together(IEnumerable<TestModule> modules) =>
        modules.Where(module => !Afterwards.Any(few => few.Contains(module.Name))).OrderBy(module => Array.IndexOf(LongestFirst, module.Name) is var place && place < 0 ? int.MaxValue : place);

    /// <summary>Those that run after them, few at a time.</summary>
    public static IEnumerable<IEnumerable<TestModule>> Last(IEnumerable<TestModule> modules) => Afterwards.Select(few => modules.Where(module => few.Contains(module.Name)));
}
