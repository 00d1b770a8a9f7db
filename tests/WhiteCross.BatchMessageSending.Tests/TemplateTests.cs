using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Templates;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>Templates, their files, settings, and the service's inner endpoints.</summary>
public sealed class TemplateTests
{
    [Theory]
    [InlineData("no variables", "no variables")]
    [InlineData("{{a}}{{ b-2.c }}{{a}}", "1x1")]
    [InlineData("} }} {a} { {a} }", "} }} {a} { {a} }")]
    [InlineData("{{größe}} {{ \"süß\" }}", "XL süß")]
    [InlineData("{{ price }} {{ whole }} {{ yes }}", "1.50 7 true")]
    [InlineData("{{ braces }}", "{{a}} <b>")]
    [InlineData("{{ missing | default: \"you\" }} {{ a | default: \"you\" }}", "you 1")]
    [InlineData("{% if missing %}x{% else %}y{% endif %}{% if a %}z{% endif %}", "yz")]
    [InlineData("{% for drug in drugs %}{{ drug.name }};{% endfor %}", "A;B;")]
    [InlineData("{{ person.name }}", "Ann")]
    public void What_is_understood__is_rendered(string template, string rendered) =>
        Assert.Equal(rendered, TextTemplate.Parse(template).Render(Value));

    [Theory]
    [InlineData("Hallo {{first name}}, {{a}}", "'{{first name}}'")]
    [InlineData("{{#if a}}x{{/if}}", "{{#if a}}")]
    [InlineData("Text {{a", "{{a")]
    [InlineData("{{}}", "{{}}")]
    [InlineData("{{{a}}}", "{{a}}")]
    [InlineData("{{> part}}", "{{> part}}")]
    [InlineData("{% if a %}x", "endif")]
    [InlineData("{% unless_ a %}", "unless_")]
    [InlineData("{% include 'x' %}", "include")]
    [InlineData("{{ a | shout }}", "'shout'")]
    [InlineData("{% if missing %}{{ a | shout }}{% endif %}", "'shout'")]
    [InlineData("{{ missing }}", "'missing'")]
    [InlineData("{{ person.age }}", "'person.age'")]
    [InlineData("{{ missing.name }}", "'missing.name'")]
    [InlineData("{{ missing | upcase }}", "'missing'")]
    [InlineData("{{ nothing }}", "'nothing'")]
    [InlineData("{{ person }}", "'person'")]
    public void What_is_not_understood_or_missing__is_an_error_that_names_it(string template, string named)
    {
        var exception = Assert.Throws<TemplateException>(() => TextTemplate.Parse(template).Render(Value));

        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Hallo", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_html__values_are_escaped_and_the_template_is_not() =>
        Assert.Equal("<p>{{a}} &lt;b&gt;</p>", TextTemplate.Parse("<p>{{ braces }}</p>").Render(Value, TemplateTarget.Html));

    [Fact]
    public async Task Preview__shows_the_first_messages_and_what_is_wrong__and_sends_nothing()
    {
        await using var service = await BatchService.StartAsync();
        var batch = Some.Batch(4) with { Content = "Hello {{name}}" };
        batch = batch with
        {
            CustomizedMessages = [.. batch.RecipientIds.Take(3).Select(id => new CustomizedMessage { RecipientId = id, Variables = new() { ["name"] = Some.Json("Ann") } })],
        };

        using var answer = await service.Client.PostAsJsonAsync("/batches/preview?limit=2", batch, JobsJsonContext.Default.BatchSendJob, BatchService.Cancellation);
        var preview = await answer.Content.ReadFromJsonAsync<BatchPreview>(BatchService.Cancellation);

        Assert.Equal((4, 1), (preview!.RecipientCount, preview.ProblemCount));
        Assert.Equal(batch.RecipientIds.Take(2).Select(id => new PreviewMessage(id, "Hello Ann")), preview.Messages);
        var problem = Assert.Single(preview.Problems);
        Assert.Equal(batch.RecipientIds[3], problem.RecipientId);
        Assert.Contains("'name'", problem.Problem, StringComparison.Ordinal);
        foreach (var (wrong, field) in new[] { (batch with { Content = "{{#if x}}" }, "content"), (batch with { SenderId = Guid.Empty }, "senderId") })
        {
            using var refused = await service.Client.PostAsJsonAsync("/batches/preview", wrong, JobsJsonContext.Default.BatchSendJob, BatchService.Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains($"\"{field}\"", await refused.Content.ReadAsStringAsync(BatchService.Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_template_in_the_recipients_language__where_there_is_one()
    {
        var folder = Directory.CreateTempSubdirectory("templates-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "letter.txt"), "Dear {{name}}", BatchService.Cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "letter.de.txt"), "Guten Tag {{name}}", BatchService.Cancellation);
        await using var service = await BatchService.StartAsync(("Templates:Directory", folder.FullName));
        var batch = Some.Batch(3) with { TemplateId = "letter", TemplateVariables = new() { ["name"] = Some.Json("Ann") } };
        batch = batch with
        {
            CustomizedMessages = [.. new[] { "de-AT", "fr" }.Select((locale, i) => new CustomizedMessage { RecipientId = batch.RecipientIds[i], Variables = new() { ["locale"] = Some.Json(locale) } })],
        };

        await service.RunAsync(batch);

        var sent = new List<string>();
        foreach (var id in batch.RecipientIds)
        {
            sent.Add((await service.SentAsync(batch.BatchId!.Value, id)).Content);
        }

        Assert.Equal(["Guten Tag Ann", "Dear Ann", "Dear Ann"], sent);
        folder.Delete(recursive: true);
    }

    private static JsonElement? Value(string name) => JsonDocument.Parse(
        """{"a":"1","b-2.c":"x","größe":"XL","price":1.50,"whole":7,"yes":true,"braces":"{{a}} <b>","nothing":null,"drugs":[{"name":"A"},{"name":"B"}],"person":{"name":"Ann"}}""")
        .RootElement.TryGetProperty(name, out var value) ? value : null;

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
    [InlineData("Batch:EnginePatience", "2.00:00:00")] // The queue does not postpone a job for so long.
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
