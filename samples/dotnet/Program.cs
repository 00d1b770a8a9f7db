// Adds a job by the typed client and waits for its end.
//   dotnet run --project samples/dotnet                           through the sidecar on localhost:3500
//   dotnet run --project samples/dotnet http://localhost:5080     straight to the gateway
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WhiteCross.Jobs.Client;
using WhiteCross.Jobs.Contracts;

var builder = Host.CreateApplicationBuilder();
builder.Services.AddJobsClient(options => options.Gateway = args is [var gateway, ..] ? new Uri(gateway) : null);
using var host = builder.Build();
var jobs = host.Services.GetRequiredService<IJobsClient>();
using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));

var added = await jobs.AddMessageDeliveryJobAsync(
    new SendMessageJob
    {
        MessageId = Guid.NewGuid(),
        SenderId = Guid.NewGuid(),
        RecipientId = Guid.NewGuid(),
        ConversationId = Guid.NewGuid(),
        Content = "Your results are in; please call the practice.",
    },
    new JobOptions { Priority = JobPriority.High },
    cancellationToken: patience.Token);
var record = await jobs.WaitForEndAsync(added.Queue, added.JobId, patience.Token);
Console.WriteLine($"{record.JobId}: {record.State}, {record.AttemptsMade} attempt(s)");
