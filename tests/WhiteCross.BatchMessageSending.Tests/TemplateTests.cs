using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>Templates, their files, settings, and the service's inner endpoints.</summary>
public sealed class TemplateTests
{
    [Theory]
    [InlineData("no variables", "no variables")]
    [InlineData("{{a}}{{ b-2.c }}{{a}}", "1x1")]
    [InlineData("{{a", "{{a")]
    [InlineData("{{}} {{ }} {{2}} {a} {{a b}}", "{{}} {{ }} {{2}} {a} {{a b}}")]
    [InlineData("{{{a}}}", "{1}")]
    [InlineData("{{größe}}", "XL")]
    public void What_is_a_variable_and_what_is_text(string template, string rendered)
    {
        var values = new Dictionary<string, string> { ["a"] = "1", ["b-2.c"] = "x", ["größe"] = "XL" };
        Assert.Equal(rendered, MessageTemplate.Parse(template).Render(values.GetValueOrDefault));
    }

    [Fact]
    public void The_first_variable_without_a_value_is_named() =>
        Assert.Equal("b", MessageTemplate.Parse("{{a}} {{b}} {{c}}").FirstMissing(name => name == "a" ? "1" : null));

    [Fact]
    public async Task A_template_file_is_rendered_with_the_batchs_content_in_it()
    {
        var folder = Directory.CreateTempSubdirectory("templates-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "letter.txt"), "Dear {{name}}, {{content}}", BatchService.Cancellation);
        await using var service = await BatchService.StartAsync(("Templates:Directory", folder.FullName));
        var batch = Some.Batch(1) with { TemplateId = "letter", Content = "it is {{time}}", TemplateVariables = new() { ["name"] = Some.Json("Ann") } };
        await service.RunAsync(batch);
        Assert.Equal("Dear Ann, it is {{time}}", (await service.SentAsync(batch.BatchId!.Value, batch.RecipientIds[0])).Content);
        foreach (var id in (string[])["none", "../letter", ".letter"])
        {
            var record = await service.RunAsync(Some.Batch(1) with { TemplateId = id });
            Assert.Equal($"templateId: there is no template '{id}' in Templates:Directory.", record.Error!.Message);
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("Batch:StateStore", " ")]
    [InlineData("Batch:ParallelChunks", "0")]
    [InlineData("Batch:ProgressInterval", "00:00:00.001")]
    [InlineData("Batch:PausedInterval", "00:00:00")]
    [InlineData("Batch:EngineTimeout", "00:00:00")]
    [InlineData("Batch:EnginePatience", "31.00:00:00")]
    [InlineData("Batch:StateTimeout", "00:05:00")]
    [InlineData("Batch:KeepEnded", "00:00:01")]
    [InlineData("Batch:KeepUploads", "400.00:00:00")]
    [InlineData("Templates:Directory", "/no/such/folder")]
    public async Task A_wrong_setting_is_named_at_the_start(string setting, string value)
    {
        var wrong = await Assert.ThrowsAnyAsync<Exception>(() => BatchService.StartAsync((setting, value)));
        Assert.Contains(setting, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parallel_chunks_send_to_everybody_once()
    {
        await using var service = await BatchService.StartAsync(("Batch:ParallelChunks", "4"));
        var record = await service.RunAsync(Some.Batch(95));
        Assert.Equal(95, record.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(95, await service.MessagesAsync());
    }

    [Theory]
    [InlineData(0, null, 2)]
    [InlineData(1, null, 1)]
    [InlineData(1, "3", 3)]
    public async Task A_batch_with_pauses_keeps_its_pace_unless_the_setting_says_otherwise(int chunkDelay, string? setting, int chunksAtOnce)
    {
        await using var service = await BatchService.StartAsync(("Batch:ParallelChunks", setting));
        var batch = Some.Batch(1) with { ChunkDelay = chunkDelay };
        var record = await service.RunAsync(batch);
        var plan = await service.Services.GetRequiredService<BatchPlanner>().PlanAsync(new BatchRun(batch.BatchId!.Value, record.JobId), BatchService.Cancellation);
        Assert.Equal(chunksAtOnce, plan.Parallel);
    }

    [Fact]
    public async Task A_message_that_is_too_long_once_rendered_fails_alone()
    {
        await using var service = await BatchService.StartAsync();
        var batch = Some.Batch(2) with { Content = "{{x}}{{x}}", TemplateVariables = new() { ["x"] = Some.Json("a") } };
        batch = batch with { CustomizedMessages = [new() { RecipientId = batch.RecipientIds[1], Variables = new() { ["x"] = Some.Json(new string('a', 6000)) } }] };
        var record = await service.RunAsync(batch);
        Assert.Equal([batch.RecipientIds[1]], record.Result!.Value.GetProperty("failedRecipients").EnumerateArray().Select(id => id.GetGuid()));
        Assert.Equal("content: is 12000 characters long once rendered; a message has at most 10000.", (await service.MessageAsync(batch.BatchId!.Value, batch.RecipientIds[1]))!.Error!.Message);
    }

    [Fact]
    public async Task A_customized_message_for_nobody_of_the_batch_fails_it()
    {
        await using var service = await BatchService.StartAsync();
        var record = await service.RunAsync(Some.Batch(2) with { CustomizedMessages = [new() { RecipientId = Guid.NewGuid() }] });
        Assert.Equal("customizedMessages[0].recipientId: is not one of recipientIds.", record.Error!.Message);
    }

    [Fact]
    public async Task Inner_endpoints_are_for_the_sidecar_only()
    {
        await using var service = await BatchService.StartAsync(("APP_API_TOKEN", "secret"));
        using var block = new StringContent("[]", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.Client.PutAsync(new Uri($"/internal/uploads/{Guid.NewGuid()}/0", UriKind.Relative), block, BatchService.Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.Client.PostAsync(new Uri("/internal/batches/pause?jobId=x", UriKind.Relative), null, BatchService.Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_page_that_is_asked_for_wrongly_is_told()
    {
        await using var service = await BatchService.StartAsync();
        foreach (var query in (string[])["?limit=x", "?limit=1001", "?cursor=-1", "/recipients?state=gone", "/recipients?limit=0"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await service.Client.GetAsync(new Uri($"/batches/{Guid.NewGuid()}{query}", UriKind.Relative), BatchService.Cancellation)).StatusCode);
        }
    }
}
