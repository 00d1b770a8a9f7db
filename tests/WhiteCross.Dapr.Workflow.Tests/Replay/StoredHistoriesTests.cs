using Dapr.Workflow;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

/// <summary>Histories that were recorded once and stored: what is decided over them must never change, or running instances break.</summary>
public sealed class StoredHistoriesTests
{
    public static TheoryData<string> Files => ["chunked-send.json", "approval-with-reminder-and-suspension.json", "chunked-send-that-reports.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_stored_history_replays_to_the_same_decisions(string file)
    {
        IWorkflow workflow = file switch
        {
            "chunked-send.json" => new ChunkedSend(),
            "chunked-send-that-reports.json" => new ChunkedSendThatReports(asksForPatch: true),
            _ => new Approval(),
        };

        RecordedHistory.AssertReplays(RecordedHistory.Load(file), workflow);
    }

    [Fact]
    public void A_history_from_before_a_change_replays_on_the_new_code_that_asks_for_a_patch()
    {
        // Whole turns only: at a turn that the old code had in hand, the new code is first to decide and may take the new path.
        var history = RecordedHistory.Load("chunked-send.json");
        var end = RecordedHistory.ReplayLastTurn(history, new ChunkedSendThatReports(asksForPatch: true));
        Assert.Equal("\"2 chunks\"", Assert.Single(end.Actions).CompleteWorkflow.Result);
    }

    [Fact]
    public void A_history_from_before_a_change_fails_on_new_code_that_does_not_ask()
    {
        var history = RecordedHistory.Load("chunked-send.json");
        var end = RecordedHistory.ReplayLastTurn(history, new ChunkedSendThatReports(asksForPatch: false));
        var message = Assert.Single(end.Actions).CompleteWorkflow.FailureDetails.ErrorMessage;
        Assert.Contains("the history has a timer, the code asked for activity 'Report'", message, StringComparison.Ordinal);
    }
}
