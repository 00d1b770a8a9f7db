namespace WhiteCross.TestRun;

/// <summary>What runs when.</summary>
/// <param name="Name">What the run is called.</param>
/// <param name="Module">The module.</param>
/// <param name="Arguments">For its runner.</param>
internal sealed record PlannedRun(string Name, TestModule Module, IReadOnlyList<string> Arguments);

/// <summary>
/// Which modules share the machine, and which have it to themselves afterwards: those that measure time, or start so many processes that what ran beside
/// them would measure it.
/// </summary>
internal static class Plan
{
    // The trait of classes that measure time, in modules of which the rest does not.
    private const string AloneTrait = "Machine=Alone";

    // The longest ones first, or the run would end with one of them while the other processors have nothing to do. A module that is not named comes after.
    private static readonly string[] LongestFirst =
    [
        "Dashboard", "BatchMessageSending", "EndToEnd", "Gateway", "Jobs.Client",
        "MessageDelivery", "MessageIndexing", "Conformance", "MessageNotification",
        "MessageEncryption", "Sidecar", "Jobs.Redis",
    ];

    private static readonly string[] Alone = ["Processes", "Chaos"];

    private static readonly string[] WithClassesAlone = ["Jobs.Dapr"];

    /// <summary>Those that run several at once, in the order in which they start.</summary>
    public static IReadOnlyList<PlannedRun> Together(IReadOnlyList<TestModule> modules) =>
    [
        .. modules.Where(module => !Alone.Contains(module.Name))
            .OrderBy(module => Array.IndexOf(LongestFirst, module.Name) is var place && place < 0 ? int.MaxValue : place)
            .Select(module => new PlannedRun(module.Name, module, WithClassesAlone.Contains(module.Name) ? ["--filter-not-trait", AloneTrait] : [])),
    ];

    /// <summary>Those that run after them, one at a time.</summary>
    public static IReadOnlyList<PlannedRun> OneByOne(IReadOnlyList<TestModule> modules) =>
    [
        .. modules.Where(module => WithClassesAlone.Contains(module.Name)).Select(module => new PlannedRun($"{module.Name} alone", module, ["--filter-trait", AloneTrait])),
        .. modules.Where(module => Alone.Contains(module.Name)).Select(module => new PlannedRun(module.Name, module, [])),
    ];
}
