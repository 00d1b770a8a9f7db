using WhiteCross.Jobs;
using WhiteCross.Jobs.Running;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>What was sent is not sent again, what surely was not is; where nobody can tell, the policy decides, and the job says so.</summary>
public sealed class UnknownOutcomeTests
{
    [Fact]
    public async Task Answer_to_the_mail_never_comes__job_fails_and_says_so__its_retry_by_hand_sends_again()
    {
        await using var server = new SmtpServer { MailAnswer = string.Empty };
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        var reports = new JobReports();

        var reason = Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Email(), reports)).Reason;
        Assert.Contains("unknown", reason, StringComparison.Ordinal);
        Assert.Contains("Email:OnUnknownOutcome", reason, StringComparison.Ordinal);

        // The run that gave up died before that was on record: the next attempt gives up, too.
        Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Email(), reports));
        Assert.Single(server.Mails);

        server.MailAnswer = "250 Ok";
        reports.Attempts = 0;
        await service.CompleteAsync(Some.Email(), reports);
        Assert.Equal(2, server.Mails.Count);
        Assert.Single(server.Mails.Select(mail => mail.MessageId).Distinct());
    }

    [Fact]
    public async Task Connection_breaks_before_the_mail__nothing_is_unknown()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(new(EmailTests.Settings(server)) { ["Email:BreakerMinimumThroughput"] = "100" });
        var reports = new JobReports();

        foreach (var verb in new[] { "CONNECT", "EHLO", "MAIL", "RCPT" })
        {
            server.Answer = line => line.StartsWith(verb, StringComparison.Ordinal) ? string.Empty : null;
            Assert.Contains("nothing was sent", Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email(), reports)).Reason!, StringComparison.Ordinal);
        }

        server.Answer = _ => null;
        await service.CompleteAsync(Some.Email(), reports);
        Assert.Single(server.Mails);
    }

    [Fact]
    public async Task Policy_SendAgain__sends_again_under_the_same_Message_ID__and_the_log_says_so()
    {
        await using var server = new SmtpServer { MailAnswer = string.Empty };
        await using var service = await NotificationService.StartAsync(new(EmailTests.Settings(server)) { ["Email:OnUnknownOutcome"] = "SendAgain" });
        var reports = new JobReports();

        Assert.IsType<JobOutcome.Retry>(await service.RunAsync(Some.Email(), reports));
        server.MailAnswer = "250 Ok";
        await service.CompleteAsync(Some.Email(), reports);

        Assert.Equal(2, server.Mails.Count);
        Assert.Single(server.Mails.Select(mail => mail.MessageId).Distinct());
        Assert.Contains("unknown", Assert.Single(reports.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Fail", 1)]
    [InlineData("SendAgain", 2)]
    public async Task Process_dies_between_the_sending_and_its_record__the_policy_decides(string policy, int mails)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(new(EmailTests.Settings(server)) { ["Email:OnUnknownOutcome"] = policy });
        var reports = new JobReports { Loses = (name, note) => name == "email" && note.Contains("\"Sent\"", StringComparison.Ordinal) };

        await Assert.ThrowsAsync<IOException>(() => service.RunAsync(Some.Email(), reports));
        reports.Loses = (_, _) => false;
        var outcome = await service.RunAsync(Some.Email(), reports);

        Assert.Equal(policy == "SendAgain", outcome is JobOutcome.Completed);
        Assert.Equal(mails, server.Mails.Count);
    }

    [Fact]
    public async Task Store_is_away_before_the_sending__nothing_is_sent()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        var reports = new JobReports { Loses = (_, note) => note.Contains("\"Sending\"", StringComparison.Ordinal) };

        Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email(), reports));
        Assert.Empty(server.Mails);

        reports.Loses = (_, _) => false;
        await service.CompleteAsync(Some.Email(), reports);
        Assert.Single(server.Mails);
    }

    [Fact]
    public async Task Sent_in_an_earlier_attempt__is_not_sent_again()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        var reports = new JobReports();

        var first = await service.CompleteAsync(Some.Email(), reports);

        Assert.Equal(first, await service.CompleteAsync(Some.Email(), reports));
        Assert.Single(server.Mails);
        Assert.NotEqual(first.ProviderId, (await service.CompleteAsync(Some.Email(), jobId: "job-2")).ProviderId);
    }

    [Theory]
    [InlineData(StopCause.Cancelled, 1)]
    [InlineData(StopCause.Cancelled, 2)]
    [InlineData(StopCause.Timeout, 3)]
    public async Task Job_failed_in_the_middle_of_the_mail__its_first_retry_by_hand_sends__unless_it_learns_that_it_was_sent(StopCause cause, int attempt)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        await using var other = await NotificationService.StartAsync(EmailTests.Settings(server));
        var reports = new JobReports { StopCause = cause, Attempts = attempt - 1 };
        var answer = await StopInTheMiddleAsync(server, service, reports);
        other.Time.Advance(TimeSpan.FromMinutes(16));

        reports.StopCause = StopCause.None;
        reports.Attempts = 0;
        answer.SetResult();
        await service.CompleteAsync(Some.Email(), reports.Copy());
        Assert.Single(server.Mails);

        reports.Attempts = 0;
        await other.CompleteAsync(Some.Email(), reports);
        Assert.Equal(2, server.Mails.Count);
    }

    [Fact]
    public async Task Process_dies_in_the_middle_of_the_mails_last_attempt__the_first_retry_by_hand_sends()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        var reports = new JobReports { Attempts = 2, Loses = (_, note) => note.Contains("\"Sent\"", StringComparison.Ordinal) };
        await Assert.ThrowsAsync<IOException>(() => service.RunAsync(Some.Email(), reports));

        reports.Loses = (_, _) => false;
        reports.Attempts = 0;
        await service.CompleteAsync(Some.Email(), reports);

        Assert.Equal(2, server.Mails.Count);
    }

    [Fact]
    public async Task Timeout_in_the_middle_of_the_mail_with_attempts_left__is_unknown_to_another_instance_in_the_end()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        await using var other = await NotificationService.StartAsync(EmailTests.Settings(server));
        var reports = new JobReports { StopCause = StopCause.Timeout };
        var answer = await StopInTheMiddleAsync(server, service, reports);

        Assert.IsType<JobOutcome.Snooze>(await other.RunAsync(Some.Email(), reports));
        other.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.IsType<JobOutcome.Fail>(await other.RunAsync(Some.Email(), reports));
        Assert.Single(server.Mails);
        answer.SetResult();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Shutdown_in_the_middle_of_the_mail__it_is_brought_to_its_end(bool isTaken)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        using var shutdown = new CancellationTokenSource();
        server.MailTaken = () => CancelIf(isTaken);
        server.Answer = line =>
        {
            CancelIf(!isTaken && line == "DATA");
            return null;
        };

        var outcome = await service.RunAsync(Some.Email(), cancellationToken: shutdown.Token);

        Assert.IsType<JobOutcome.Completed>(outcome);
        Assert.Single(server.Mails);

        void CancelIf(bool now)
        {
            if (now)
            {
                shutdown.Cancel();
            }
        }
    }

    [Fact]
    public async Task Shutdown_before_the_mail__the_next_run_sends_it()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        using var shutdown = new CancellationTokenSource();
        var reports = new JobReports();
        server.Answer = line =>
        {
            shutdown.Cancel();
            return string.Empty;
        };

        Assert.IsNotType<JobOutcome.Completed>(await service.RunAsync(Some.Email(), reports, cancellationToken: shutdown.Token));
        Assert.Empty(server.Mails);

        reports.Attempts = 0;
        server.Answer = _ => null;
        await service.CompleteAsync(Some.Email(), reports);
        Assert.Single(server.Mails);
    }

    /// <summary>A run that is stopped while the server has the mail and does not answer.</summary>
    private static async Task<TaskCompletionSource> StopInTheMiddleAsync(SmtpServer server, NotificationService service, JobReports reports)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        server.BeforeMailAnswer = async () =>
        {
            await stop.CancelAsync();
            await answer.Task;
        };
        var run = service.RunAsync(Some.Email(), reports, cancellationToken: stop.Token);
        while (await Task.WhenAny(run, Task.Delay(20)) != run)
        {
            service.Time.Advance(TimeSpan.FromSeconds(stop.IsCancellationRequested ? 1 : 0));
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        server.BeforeMailAnswer = () => Task.CompletedTask;
        return answer;
    }
}
