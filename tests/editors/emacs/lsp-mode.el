;; Beside the server of the language, for every file that a program is written in.
(require 'lsp-mode)
(require 'lsp-inline-completion)
(lsp-register-client
 (make-lsp-client :new-connection (lsp-stdio-connection '("nextedit" "serve"))
                  :activation-fn (lambda (_file mode) (provided-mode-derived-p mode 'prog-mode))
                  :add-on? t
                  :server-id 'nextedit))
(add-hook 'prog-mode-hook #'lsp-deferred)
(add-hook 'lsp-after-open-hook #'lsp-inline-completion-mode)
(global-set-key (kbd "C-c i") #'lsp-inline-completion-display)
(global-set-key (kbd "C-c a") #'lsp-execute-code-action)
;; A terminal has no C-RET, which takes the text elsewhere.
(define-key lsp-inline-completion-active-map (kbd "TAB") #'lsp-inline-completion-accept)
