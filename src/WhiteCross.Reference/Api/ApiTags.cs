namespace WhiteCross.Reference;

/// <summary>The groups of operations.</summary>
internal static class ApiTags
{
    private static readonly Dictionary<string, string> Texts = new()
    {
        ["Jobs"] = "Adding jobs, following them, and what can be done with one.",
        ["Failures"] = "Failed jobs: by cause, looked at, retried, discarded.",
        ["Queues"] = "The queues: numbers, health, workers, pause and resume.",
        ["Schedules"] = "Jobs that are added again and again.",
        ["Audit"] = "What was done, looked at and refused, by whom.",
        ["People"] = "A person's data: taken along, erased, and kept where the law says so.",
        ["Providers"] = "The providers of notifications, and the addresses that nothing is sent to.",
        ["Messages"] = "A user's messages.",
        ["Conversations"] = "A user's conversations, and who is in them.",
        ["Attachments"] = "Files that messages carry.",
        ["Presence"] = "Who is there.",
        ["Search"] = "Finding messages by their words.",
        ["Notifications"] = "A user's notifications: looked at, read, wanted or not, and where they go.",
        ["Receipts"] = "What providers report, and links in mails.",
        ["Batches"] = "Batches of messages, followed on to delivery.",
    };

    public static string TextOf(string tag) => Texts.GetValueOrDefault(tag) ?? throw new InvalidOperationException($"Nothing says what the tag {tag} is about.");

    /// <summary>The group of one of the gateway's own routes.</summary>
    public static string Of(string path) =>
        Has(path, "/audit") ? "Audit"
        : Has(path, "/failures") || Has(path, "/failed") || Has(path, "/retries") ? "Failures"
        : Has(path, "/schedules") ? "Schedules"
        : Has(path, "/jobs") || path == "/queue/events" ? "Jobs"
        : Has(path, "/people/") || Has(path, "/legal-holds") ? "People"
        : Has(path, "/suppressions") || Has(path, "/providers") ? "Providers"
        : "Queues";

    private static bool Has(string path, string part) => path.Contains(part, StringComparison.Ordinal);
}
