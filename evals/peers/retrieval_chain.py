"""A peer: the retrieval chain of a tutorial. BM25 over whole documents (rank_bm25, jieba), three of them in the prompt, the same model.

First line {"model", "documents": [{"id", "text"}]}; then {"id", "query", "reply"} in, {"id", "documents", "reply", "given", "ms"} out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import jieba
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from llama_cpp import Llama
from rank_bm25 import BM25Okapi

TOP, SHOWN, PIECE = 10, 3, 300
PROMPT = ChatPromptTemplate.from_messages(
    [
        ("system", "你是银行的理财经理。只根据资料回答客户的问题，不超过一百二十字。资料：\n{context}"),
        ("human", "{question}"),
    ]
)


class Bm25(BaseRetriever):
    """rank_bm25 behind LangChain's retriever."""

    documents: Sequence[Document]
    ranking: Any

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        scores = self.ranking.get_scores(jieba.lcut(query))
        best = sorted(range(len(scores)), key=lambda i: -scores[i])[:TOP]
        return [self.documents[i] for i in best]


def chain(path: str) -> Runnable[Any, str]:
    """Prompt, model, text."""
    model = Llama(path, n_ctx=2048, n_threads=2, verbose=False)

    def write(prompt: Any) -> str:
        roles = {"system": "system", "human": "user"}
        messages: Any = [{"role": roles[m.type], "content": str(m.content)} for m in prompt.to_messages()]
        made: Any = model.create_chat_completion(messages, max_tokens=160, temperature=0.3, seed=11)
        return str(made["choices"][0]["message"]["content"])

    return PROMPT | RunnableLambda(write) | StrOutputParser()


def main() -> None:
    """Answer line by line."""
    jieba.setLogLevel(60)
    setup = json.loads(sys.stdin.readline())
    documents = [Document(d["text"], id=d["id"]) for d in setup["documents"]]
    retriever = Bm25(documents=documents, ranking=BM25Okapi([jieba.lcut(d.page_content) for d in documents]))
    answer = chain(setup["model"])
    for line in sys.stdin:
        asked = json.loads(line)
        started = time.perf_counter()
        found = retriever.invoke(asked["query"])
        given = "\n".join(d.page_content[:PIECE] for d in found[:SHOWN])
        reply = answer.invoke({"context": given, "question": asked["query"]}) if asked.get("reply") else ""
        ms = (time.perf_counter() - started) * 1000
        row = {"id": asked["id"], "documents": [d.id for d in found], "reply": reply, "given": given, "ms": ms}
        print(json.dumps(row, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
