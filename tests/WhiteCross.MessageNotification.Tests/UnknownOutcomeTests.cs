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
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        var reports = new JobReports();

        foreach (var verb in new[] { "CONNECT", "EHLO", "MAIL", "RCPT" })
        {
            server.Answer = line => line.StartsWith(verb, StringComparison.Ordinal) ? string.Empty : null;
            Assert.Contains("nothing was sent", Assert.IsType<JobOutcome.Retry>(await service.RunAsync(Some.Email(), reports)).Reason, StringComparison.Ordinal);
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

        Assert.IsType<JobOutcome.Retry>(await service.RunAsync(Some.Email(), reports));
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

    [Fact]
    public async Task Shutdown_in_the_middle_of_the_mail__is_unknown_to_the_next_run()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        using var shutdown = new CancellationTokenSource();
        var reports = new JobReports();
        server.MailTaken = shutdown.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.RunAsync(Some.Email(), reports, cancellationToken: shutdown.Token));

        // A job interrupted by shutdown loses no attempt.
        reports.Attempts = 0;
        Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Email(), reports));
        Assert.Single(server.Mails);
    }

    [Theory]
    [InlineData(StopCause.Cancelled, 1)]
    [InlineData(StopCause.Cancelled, 2)]
    [InlineData(StopCause.Timeout, 3)]
    public async Task Job_failed_in_the_middle_of_the_mail__its_first_retry_by_hand_sends(StopCause cause, int attempt)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        using var stop = new CancellationTokenSource();
        var reports = new JobReports { StopCause = cause, Attempts = attempt - 1 };
        server.MailTaken = stop.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.RunAsync(Some.Email(), reports, cancellationToken: stop.Token));

        server.MailTaken = () => { };
        reports.StopCause = StopCause.None;
        reports.Attempts = 0;
        await service.CompleteAsync(Some.Email(), reports);

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
    public async Task Timeout_in_the_middle_of_the_mail_with_attempts_left__is_unknown_to_the_next_attempt()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        using var stop = new CancellationTokenSource();
        var reports = new JobReports { StopCause = StopCause.Timeout };
        server.MailTaken = stop.Cancel;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.RunAsync(Some.Email(), reports, cancellationToken: stop.Token));

        Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Email(), reports));
        Assert.Single(server.Mails);
    }

    [Fact]
    public async Task Shutdown_right_before_the_mail__the_next_run_sends_it()
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        using var shutdown = new CancellationTokenSource();
        var reports = new JobReports();
        server.Answer = line =>
        {
            if (line == "DATA")
            {
                shutdown.Cancel();
            }

            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.RunAsync(Some.Email(), reports, cancellationToken: shutdown.Token));
        Assert.Empty(server.Mails);

        reports.Attempts = 0;
        await service.CompleteAsync(Some.Email(), reports);
        Assert.Single(server.Mails);
    }
}
